"""One of a sweep's processes, as the threads that hand it sets see it."""

import pickle
import re
import threading
import warnings
from concurrent.futures.process import BrokenProcessPool

from joblib.externals.loky.process_executor import ProcessPoolExecutor, ShutdownExecutorError

from . import work
from .work import Outcome, Task


class Worker:
    """One process. It fits one set at a time, so that a process that dies takes that one along and no other."""

    def __init__(self, settings: dict):
        self._settings, self._changing, self._killed = settings, threading.Lock(), False
        self._pool = ProcessPoolExecutor(1, **settings)

    def fit(self, task: Task) -> Outcome:
        try:
            done = self._pool.submit(work.attempt, pickle.dumps(task)).result()
            return Outcome(task.params, "KILLED", problem=done) if isinstance(done, str) else done
        except (BrokenProcessPool, ShutdownExecutorError) as broken:
            with self._changing:
                if self._killed:
                    return Outcome(task.params, "KILLED")
                self._pool = ProcessPoolExecutor(1, **self._settings)
            code = re.search(r"{(.*)}|$", str(broken))[1] or "unknown cause"
            return Outcome(task.params, "FAILED", problem=f"its process died of {code}: out of memory, or a crash")

    def end(self, kill: bool) -> None:
        with self._changing:
            self._killed = True
        with warnings.catch_warnings(action="ignore"):  # without pgrep, processes that a fit started are not found
            self._pool.shutdown(kill_workers=kill)
