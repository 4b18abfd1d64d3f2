"""Write what other files repeat of the hyperparameters, or say where they are stale."""

from itertools import zip_longest

from . import cli
from .declaration import ROOT
from .errors import Exit, tell
from .manifests import files


def main(argv: list[str]) -> int:
    parser = cli.Parser("sync", __doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 and name the line if one is stale")
    checking = parser.read(argv).check
    wanted, mistakes = files()
    stale = [file for file, content in wanted.items() if (ROOT / file).read_text() != content]
    for file in stale:
        if checking:
            print(f"{difference(file, wanted[file])}; run `make sync`")
        else:
            (ROOT / file).write_text(wanted[file])
            print(f"{file}: written")
    for mistake in mistakes:
        tell(mistake)
    if mistakes:
        return Exit.BAD_INPUT
    return Exit.FAILURE if checking and stale else Exit.OK


def difference(file: str, wanted: str) -> str:
    """The first line of a file that is not as it should be."""
    pairs = zip_longest((ROOT / file).read_text().splitlines(), wanted.splitlines())
    number, (has, wants) = next((n, pair) for n, pair in enumerate(pairs, 1) if pair[0] != pair[1])
    return f"{file}, line {number}: is {(has or '').strip()!r}, should be {(wants or '').strip()!r}"
