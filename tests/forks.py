"""Python processes that need not import the libraries: a server that has imported them forks one for each call.

A process of the product spends three seconds on importing MLflow and scikit-learn, and a tenth of that on what most
tests are about. A fork has its own environment, folder, arguments, output, exit code and, if asked for, process group,
and it can be killed. What it does not show is how the program starts: that a library is imported at all, late enough, and
says nothing as it is. All forks have the hashes of one Python, too. Tests of these start a Python of their own.

The server does no more than `preloaded.py`, since OpenMP's threads do not survive a fork (docs/decisions.md).
"""

import atexit
import gc
import multiprocessing
import os
import runpy
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryFile

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.preloaded"])
LOCK = threading.Lock()  # whoever starts a process asks after all others, and only one thread may ask after one


class Fork:
    """A process that was begun. stdout: the text that it prints, on stderr too unless that went elsewhere."""

    def __init__(self, process, stdout):
        self._process, self.stdout = process, stdout
        self.pid = process.pid

    @property
    def returncode(self) -> int | None:
        """The exit code, negative after a signal; None while it runs."""
        with LOCK:
            return self._process.exitcode

    def send_signal(self, signum: int) -> None:
        """To the process, if it is still there."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signum)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float) -> int:
        """Its exit code; it is killed when it is late."""
        if not wait([self._process.sentinel], timeout):
            self.kill()
            wait([self._process.sentinel])
        return self.returncode

    def communicate(self) -> str:
        """What is still to come from it, up to its end."""
        said = self.stdout.read()
        self.wait(60)
        return said


@contextmanager
def forked(*words, cwd: Path, env: dict[str, str] | None = None, stderr=None, group=False, last=300) -> Iterator[Fork]:
    """A process as `python -m …` or `python -c …` begins it; it is gone with the context.

    env: what differs from this process's environment. stderr: a file for it, else it goes where stdout goes. group: let
    it lead a process group, as a shell does. last: seconds after which it is killed, so that whoever waits for a line of
    it gets an empty one.
    """
    ours, theirs = os.pipe()
    streams = [Connection(theirs), Connection(os.dup(stderr.fileno() if stderr else theirs))]
    given = ([str(word) for word in words], str(cwd), os.environ | (env or {}), *streams, group)
    process = CONTEXT.Process(target=_become, args=given, daemon=False)
    with LOCK:
        process.start()
    for stream in streams:
        stream.close()
    with os.fdopen(ours) as stdout:
        fork = Fork(process, stdout)
        late = threading.Timer(last, fork.kill)
        late.daemon = True
        late.start()
        try:
            yield fork
        finally:
            late.cancel()
            if group:
                with suppress(ProcessLookupError):
                    os.killpg(fork.pid, signal.SIGKILL)
            fork.wait(0)


def python(*words, cwd: Path, env: dict[str, str] | None = None, check: bool = True) -> CompletedProcess:
    """The whole output of such a process; a failure shows it."""
    with TemporaryFile("w+") as stderr, forked(*words, cwd=cwd, env=env, stderr=stderr, last=900) as fork:
        stdout = fork.communicate()
        stderr.seek(0)
        done = CompletedProcess(words, fork.returncode, stdout, stderr.read())
    assert not check or done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done


def _become(words: list[str], cwd: str, env: dict[str, str], out: Connection, err: Connection, group: bool) -> None:
    """What the interpreter does between its start and its end, in a process that the server has forked."""
    gc.freeze()  # what was imported is nobody's garbage, and looking through it would copy it
    for stream, number in ((out, 1), (err, 2)):
        os.dup2(stream.fileno(), number)
        stream.close()
    sys.stdout = os.fdopen(1, "w", closefd=False)  # the server's own is for another kind of file
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    if group:
        os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.dont_write_bytecode = bool(env.get("PYTHONDONTWRITEBYTECODE"))
    installed = [path for path in sys.path if path.startswith((sys.prefix, sys.base_prefix))]
    sys.path[:] = [cwd, *filter(None, env.get("PYTHONPATH", "").split(":")), *installed]
    kind, program, *rest = words
    sys.argv = [kind, *rest]
    try:
        if kind == "-m":
            runpy.run_module(program, run_name="__main__", alter_sys=True)
        else:
            exec(compile(program, "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102
    finally:
        threading._shutdown()
        atexit._run_exitfuncs()
