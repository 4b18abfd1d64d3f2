"""The processes of a sweep, and the threads that hand them set after set and track what comes of it."""

import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator

import joblib

from ..declaration import Params
from ..errors import SIGNALS
from ..tracking import scratch
from . import work
from .begun import Begun
from .strategies import Search
from .work import Outcome, Task
from .worker import Worker

THREADS = (
    "OMP_NUM_THREADS OPENBLAS_NUM_THREADS MKL_NUM_THREADS NUMEXPR_NUM_THREADS VECLIB_MAXIMUM_THREADS".split()
)  # by which a numerical library knows how many threads of its own to start
LAST = 4  # seconds in which sets that were killed should be tracked
TRACKING = 8  # sets that may be tracked, over HTTP side by side, while the processes fit others


def cores() -> int:
    """The cores that this process may use: a pod's limit of CPU counts."""
    return joblib.cpu_count()


class Engine:
    """Fits sets in `jobs` processes, none where nothing is left to fit; a context, at whose end no process is left.

    keep: which fitted models are left in files, `all`, the `best` or `none`; the files are there as long as the context
    is.
    """

    def __init__(self, sweep: Begun, jobs: int, keep: str):
        self._sweep, self._jobs, self._keep = sweep, jobs, keep
        self._best, self._kept = sweep.results.best_score, None
        self._asking, self._stopping = threading.Lock(), threading.Event()
        self._idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        self._said: queue.SimpleQueue[tuple[str, Outcome] | Exception | None] = queue.SimpleQueue()
        self._workers, self._lanes = [], []

    def __enter__(self):
        sweep = self._sweep
        self._scratch = scratch.folder("sweep-")
        self._folder = self._scratch.__enter__()
        joblib.dump(sweep.data, work.data_file(self._folder))
        share = str(max(1, cores() // max(1, self._jobs)))  # of the cores, for a library's own threads
        settings = {
            "env": dict.fromkeys(THREADS, share),
            "initializer": work.begin,
            "initargs": (sweep.model.name, sweep.code, sweep.held_back, self._folder, os.getpid()),
        }
        self._workers = [Worker(settings) for _ in range(self._jobs)]
        for worker in self._workers:
            self._idle.put(worker)
        return self

    def __exit__(self, error, *_):
        """After an error, kill what still runs, and wait until that is tracked too, unless the store stalls."""
        self._stopping.set()
        for worker in self._workers:
            worker.end(kill=error is not None)
        last = time.monotonic() + LAST
        for lane in self._lanes:
            if lane.is_alive():  # a signal may have come before it was started
                lane.join(None if error is None else max(0, last - time.monotonic()))
        self._scratch.__exit__(None, None, None)

    def outcomes(
        self, search: Search, begin: Callable[[Params], str], end: Callable[[str, Outcome], None]
    ) -> Iterator[tuple[str, Outcome]]:
        """What became of each set of `search`, as it comes, with the id of its run.

        begin, end: open the run of a set, and close it; called from several threads. What they raise ends the sweep.
        """
        settings, count = {"target": self._lane, "args": (search, begin, end)}, self._jobs + TRACKING
        self._lanes = [threading.Thread(**settings, daemon=True) for _ in range(count if self._jobs else 0)]
        for lane in self._lanes:
            lane.start()
        ended = 0
        while ended < len(self._lanes):
            said = self._said.get()
            if isinstance(said, Exception):
                raise said
            ended += said is None
            if said:
                yield said

    def _lane(self, search: Search, begin, end) -> None:
        # Ctrl-C is for the main thread, and is inherited by nobody: processes end when they are told to.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            while (done := self._fit_next(search, begin)) is not None:
                end(*done)
                self._said.put(done)
        except Exception as error:
            self._said.put(error)
        self._said.put(None)

    def _fit_next(self, search: Search, begin) -> tuple[str, Outcome] | None:
        """Have an idle process fit the next set; None when there is none, or the sweep is being stopped."""
        worker = self._idle.get()
        try:
            with self._asking:
                if self._stopping.is_set() or (params := search.ask()) is None:
                    return None
                place, bar = self._sweep.place(params), work.WORST if self._keep == "all" else self._best
            run_id = begin(params)
            keep = None if self._keep == "none" else self._folder / f"{place}.pickle"
            outcome = worker.fit(Task(params, place, bar, keep))
        finally:
            self._idle.put(worker)
        with self._asking:
            search.tell(params, outcome.metrics.get(self._sweep.model.metric))
            self._rank(outcome)
        return run_id, outcome

    def _rank(self, outcome: Outcome) -> None:
        """Remember the best, and keep no more files than wanted."""
        better = outcome.score is not None and outcome.score > self._best
        if self._keep == "best" and (passed := self._kept if better else outcome.kept):
            passed.unlink()
        if better:
            self._best, self._kept = outcome.score, outcome.kept
