"""Show which version is the champion, its history and where it came from."""

import json
from argparse import Namespace
from collections.abc import Callable
from functools import partial

from . import cli
from .declaration import Model

SHOWN = {"version": 9, "promoted_at": 27, "promoted_by": 13, "run": 34, "rolled_back": 0}  # tags, and how wide they are
METRICS = ("metrics", "champion_metrics")  # tags that hold JSON


def parse(argv: list[str]) -> Callable[[], None]:
    model = cli.model(argv, "champion")
    parser = cli.Parser(f"champion {model.name}", __doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, for scripts")
    return partial(champion, model, parser.read(argv[1:]))


def record(version, now) -> dict:
    """What a version says of its promotion, with metrics as numbers; now: the champion, which is not given up."""
    told = {name: json.loads(value) if name in METRICS else value for name, value in version.tags.items()}
    if version.version == now.version:  # it has come back by other hands
        told.pop("rolled_back", None)
    return told | {"version": str(version.version), "run": version.run_id or "unknown"}


def champion(model: Model, args: Namespace) -> None:
    """Print the champion's record, and a line for each version that was it. Raises BadInput where there is none."""
    from .tracking import store

    opened = store.connect(waiting=False)

    from .tracking import registry  # which imports MLflow

    registered = registry.Registry(opened, model.name)
    now = registered.reigning()
    known = [record(each, now) for each in registered.history(now)]
    if args.json:
        print(json.dumps({"name": registered.name, "version": str(now.version), "history": known}, indent=2))
        return
    for each in known:
        if each["version"] == str(now.version):
            print(f"version {now.version} is the champion of {registered.name}:")
            print("\n".join(f"  {name:18}{value}" for name, value in sorted(each.items())))
    print("\n" + "".join(name.ljust(width) for name, width in SHOWN.items()))
    for each in known:
        print("".join(each.get(name, "").ljust(width) for name, width in SHOWN.items()).rstrip())
