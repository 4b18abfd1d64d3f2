"""Write what other files repeat of the hyperparameters, or say where they are stale."""

from collections.abc import Callable
from functools import partial
from itertools import zip_longest

from . import cli, utf8
from .declaration import ROOT
from .errors import BadInput, Exit, tell
from .manifests import files


def parse(argv: list[str]) -> Callable[[], Exit]:
    parser = cli.Parser("sync", __doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 and name the line if one is stale")
    return partial(sync, parser.read(argv).check)


def sync(checking: bool) -> Exit:
    """Write what is stale, or only say so. Returns BAD_INPUT where a model is broken, FAILURE where only said."""
    wanted, mistakes = files()
    stale = {file: text for file, text in wanted.items() if present(file) != text}
    for file, text in stale.items():
        print(f"{difference(file, text)}; run `make sync`" if checking else f"{file}: {put(file, text)}")
    for mistake in mistakes:
        tell(mistake)
    if mistakes:
        return Exit.BAD_INPUT
    return Exit.FAILURE if checking and stale else Exit.OK


def present(file: str) -> str | None:
    """What a file holds; None when there is none."""
    return utf8.read(ROOT / file) if (ROOT / file).exists() else None


def put(file: str, wanted: str | None) -> str:
    """Make a file hold this text, or be gone; returns what was done. Raises BadInput where that cannot be."""
    try:
        if wanted is None:
            (ROOT / file).unlink()
            return "removed"
        utf8.write(ROOT / file, wanted)
        return "written"
    except OSError as error:
        raise BadInput(f"{file}: cannot be written: {error.strerror}") from None


def difference(file: str, wanted: str | None) -> str:
    """The first line of a file that is not as it should be."""
    if wanted is None:
        return f"{file}: its model is gone"
    if (held := present(file)) is None:
        return f"{file}: missing"
    pairs = zip_longest(held.splitlines(), wanted.splitlines())
    number, (has, wants) = next((n, pair) for n, pair in enumerate(pairs, 1) if pair[0] != pair[1])
    return f"{file}, line {number}: is {(has or '').strip()!r}, should be {(wants or '').strip()!r}"
