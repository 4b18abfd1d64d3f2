"""What a person is told, in one place: exit codes, the exceptions that lead to them, what goes to which stream."""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from enum import IntEnum

SIGNALS = (signal.SIGINT, signal.SIGTERM)  # Ctrl-C, and what evicts a pod


class Exit(IntEnum):
    """What a process says as it ends; Jobs decide by it whether to try again."""

    OK = 0
    FAILURE = 1
    BAD_INPUT = 2
    NEGATIVE = 3  # the answer is no: nothing is better, or too little is good
    SPOOLED = 75
    # Stopped by signal n: 128 + n, so 130 for SIGINT (Ctrl-C) and 143 for SIGTERM (an evicted pod).


class BadInput(Exception):
    """What a person can put right: one line that names the value, the place and the fix. Exit code 2."""

    code = Exit.BAD_INPUT


class Away(Exception):
    """A store that does not answer now: one line that says so. To try again can help, so exit code 1."""

    code = Exit.FAILURE


class Undelivered(Exception):
    """A result that the store did not take: one line that says where it is kept, exit code 75; or that it is not, 1."""

    def __init__(self, message: str, code: Exit):
        super().__init__(message)
        self.code = code


class Stopped(BaseException):
    """A signal asked the process to end; no Exception, so that no model's `except Exception` keeps it alive."""

    count = 0  # of signals, as one that comes while others are obeyed is lost among them

    def __init__(self, signum: int):
        super().__init__(f"stopped by signal {signum}")
        Stopped.count += 1
        self.code = 128 + signum


class Ending:
    """A context in which signals interrupt nothing: what is being written gets written.

    hurried: whether one came, beyond the one that led here.
    """

    def __enter__(self):
        self.hurried = Stopped.count > 1
        ours = threading.current_thread() is threading.main_thread()  # no other may say what a signal does
        self._before = {signum: signal.signal(signum, self._hurry) for signum in SIGNALS if ours}
        return self

    def __exit__(self, *_):
        for signum, handler in self._before.items():
            signal.signal(signum, handler)

    def _hurry(self, *_) -> None:
        self.hurried = True


def tell(said: object, kind: str = "error") -> None:
    """One line on stderr, written as one piece, since threads tell too."""
    print(f"{kind}: {' '.join(str(said).split())}\n", end="", file=sys.stderr, flush=True)


@contextmanager
def aside() -> Iterator[None]:
    """Have what is printed meanwhile, also by processes that begin meanwhile, on stderr: stdout has the answer."""
    sys.stdout.flush()
    answers = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(answers, 1)
        os.close(answers)


def nearest(word: str, known: list[str]) -> str:
    """End a message about an unknown `word`: the nearest known ones, else all of them."""
    spelled = {name.lower(): name for name in known}
    close = [spelled[name] for name in get_close_matches(word.lower(), spelled, n=3, cutoff=0.5)]
    return f"did you mean {' or '.join(close)}?" if close else f"there is {', '.join(known) or 'none'}"


@contextmanager
def blame(file: str, doing: str) -> Iterator[None]:
    """Turn what a model file's own code raises into one line with its place.

    While importing that is every Exception, and an exit; later a ValueError, which is how libraries refuse data and
    settings. Anything else is a mistake in the code, whose author wants the traceback.
    """
    try:
        yield
    except BadInput:
        raise
    except (Exception, SystemExit) as error:
        if doing != "import" and not isinstance(error, ValueError):
            raise
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(file)]
        if isinstance(error, SyntaxError):
            lines = [error.lineno]
        problem = f"{type(error).__name__}: {error}"
        if isinstance(error, ModuleNotFoundError):
            problem = f"{error.name} is not installed; add it to requirements.in, then `make lock setup`"
        if isinstance(error, SystemExit):
            problem = 'it ends the program; put what is no declaration below `if __name__ == "__main__":`'
        place = f"{file}, line {lines[-1]}" if lines else file
        raise BadInput(f"{place}, {doing}: {problem}") from error
