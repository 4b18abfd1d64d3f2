"""Python processes that need not import the libraries: a server that has imported them forks one for each call.

A process of the product spends three seconds on importing MLflow and scikit-learn, and a tenth of that on what most
tests are about. A fork is a process like any: its own environment, folder, arguments, streams, exit code, process group,
and it can be killed. What it does not show is how the program starts: that a library is imported at all, late enough, and
says nothing as it is; tests of that start a Python of their own.

The server runs nothing but imports (`preloaded.py`), since OpenMP's threads do not survive a fork (docs/decisions.md).
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
from multiprocessing.connection import Connection
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryFile

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.preloaded"])


class Fork:
    """A process that was begun. stdout: the text that it prints, on stderr too unless that went elsewhere."""

    def __init__(self, process, stdout):
        self._process, self.stdout = process, stdout
        self.pid = process.pid

    @property
    def returncode(self) -> int | None:
        """The exit code, negative after a signal; None while it runs."""
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
        self._process.join(timeout)
        self.kill()
        self._process.join(60)
        return self.returncode

    def communicate(self, timeout: float) -> str:
        """What is still to come from it, up to its end; it is killed when it is late."""
        late = threading.Timer(timeout, self.kill)
        late.start()
        said = self.stdout.read()
        late.cancel()
        self.wait(60)
        return said


@contextmanager
def forked(*words, cwd: Path, env: dict[str, str] | None = None, stderr=None, group: bool = False) -> Iterator[Fork]:
    """A process as `python -m …` or `python -c …` begins it; it is gone with the context.

    env: what differs from this process's environment. stderr: a file for it, else it goes where stdout goes. group: let
    it lead a process group, as a shell does.
    """
    ours, theirs = os.pipe()
    streams = [Connection(theirs), Connection(os.dup(stderr.fileno() if stderr else theirs))]
    given = ([str(word) for word in words], str(cwd), os.environ | (env or {}), *streams, group)
    process = CONTEXT.Process(target=_become, args=given, daemon=False)
    process.start()
    for stream in streams:
        stream.close()
    with os.fdopen(ours) as stdout:
        fork = Fork(process, stdout)
        try:
            yield fork
        finally:
            if group:
                with suppress(ProcessLookupError):
                    os.killpg(fork.pid, signal.SIGKILL)
            fork.wait(0)


def python(*words, cwd: Path, env: dict[str, str] | None = None, check: bool = True) -> CompletedProcess:
    """The whole output of such a process; a failure shows it."""
    with TemporaryFile("w+") as stderr, forked(*words, cwd=cwd, env=env, stderr=stderr) as fork:
        stdout = fork.communicate(900)
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
