"""Give the champion's place back to the one before; or forward again."""

from collections.abc import Callable
from functools import partial

from . import cli
from .declaration import Model
from .errors import Away, BadInput


def parse(argv: list[str]) -> Callable[[], None]:
    model = cli.model(argv, "rollback")
    parser = cli.Parser(f"rollback {model.name}", __doc__)
    parser.add_argument("--forward", action="store_true", help="to the champion that was given up for this one")
    return partial(rollback, model, parser.read(argv[1:]).forward)


def rollback(model: Model, forward: bool) -> None:
    """Move the alias by one champion. Raises BadInput where there is none, and Away where another moves it too."""
    from .tracking import provenance, store

    opened = store.connect()

    from .tracking import registry  # which imports MLflow

    registered = registry.Registry(opened, model.name)
    now = registered.reigning()
    number = now.tags.get(registry.AFTER if forward else registry.BEFORE)
    if number is None:
        which = "none was given up for it" if forward else "it replaced none"
        raise BadInput(f"{registered.name}: version {now.version} is the champion, and {which}")
    if (then := registered.version(number)) is None:
        fix = f"promote another: make promote MODEL={model.name} run=<id>"
        raise BadInput(f"{registered.name}: version {number} was deleted; {fix}")
    if not forward:
        registered.mark(then, registry.AFTER, str(now.version))
    if not registered.crown(then, now):
        raise Away(f"{registered.name}: has got another champion meanwhile; make champion MODEL={model.name} shows it")
    if not forward:  # now that it is so
        registered.mark(now, registry.ROLLED_BACK, f"{provenance.now()} by {provenance.user()}")
    print(f"version {then.version} is the champion of {registered.name}, in place of version {now.version}")
