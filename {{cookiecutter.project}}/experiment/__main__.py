"""The command line: `python -m experiment VERB`. Nothing heavy is imported before the verb is known."""

import gc
import os
import signal
import sys
from importlib import import_module
from pathlib import Path

from . import utf8
from .errors import SIGNALS, Away, BadInput, Exit, Stopped, Undelivered, nearest, tell

VERBS = {
    "train": "fit one model and track the run",
    "sweep": "try many hyperparameters on all cores, tracked as one parent run with children",
    "best": "show the best runs in the store",
    "promote": "make the best run the champion, if it is better than the one that is",
    "rollback": "give the champion's place back to the one before",
    "champion": "show which version is the champion, its history and where it came from",
    "predict": "let the champion predict a table of any length",
    "check": "hold every model file to its contract and fit it once, small and untracked",
    "upload": "bring runs to the store that it did not take when they ended",
    "sync": "write what MLproject repeats of the hyperparameters; --check only compares",
}

# An image has no `sync`, which writes into a repository.
VERBS = {verb: about for verb, about in VERBS.items() if Path(__file__).with_name(f"{verb}.py").exists()}


def usage() -> str:
    from .declaration import described

    table = [f"  {name:14} {about}" for name, about in VERBS.items()]
    models = [f"  {name:14} {about}" for name, about in described().items()]
    head = "usage: python -m experiment [--dry-run] VERB [options]; VERB --help tells more"
    dry = f"  {'--dry-run':14} only look whether the verb knows what follows it"
    return "\n".join([head, dry, "", "verbs:", *table, "", "models (models/*.py):", *models])


def main(argv: list[str]) -> int:
    """Run one verb; returns the exit code. Raises BadInput for an unknown verb.

    A verb's `parse` refuses what it does not know, and returns what is to be done.
    """
    dry = argv[:1] == ["--dry-run"]
    verb, *rest = argv[dry:] or ["--help"]
    if verb in ("-h", "--help"):
        print(usage())
        return Exit.OK
    if verb not in VERBS:
        raise BadInput(f"{verb}: no such verb; {nearest(verb, list(VERBS))}")
    try:
        work = import_module(f"experiment.{verb}").parse(rest)
    except SystemExit:  # help was asked for, and is on the screen
        if dry:
            raise BadInput(f"{' '.join(rest)}: asks for help, and for nothing to be done; leave that out") from None
        raise
    return Exit.OK if dry else work() or Exit.OK


def stop(signum: int, frame) -> None:
    raise Stopped(signum)


def ignore_signals() -> None:
    for signum in SIGNALS:
        signal.signal(signum, signal.SIG_IGN)


def run() -> int:
    """`main` as a process: signals, and one line on stderr for what a person can put right."""
    # Importing makes a million objects that live to the end; looking through them for garbage again and again, and
    # once more at exit, costs a third of a short run.
    gc.set_threshold(100_000)
    utf8.screen()
    for signum in SIGNALS:
        signal.signal(signum, stop)
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()  # here, where it is known what to do when nobody reads any more
        return code
    except (BadInput, Away, Undelivered) as error:
        tell(error)
        return error.code
    except Stopped as signalled:
        ignore_signals()
        print(signalled, file=sys.stderr)
        return signalled.code
    except BrokenPipeError:  # `best | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    finally:
        ignore_signals()  # what is left to do takes no time
        gc.freeze()


if __name__ == "__main__":
    sys.exit(run())
