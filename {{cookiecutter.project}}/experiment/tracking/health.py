"""Whether the store answers, as a person hears of it: a line when it does not, another when it does again."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TypeVar

from ..errors import BadInput, tell
from .refusal import final, passing, refusal

SLOW = 5  # seconds without an answer that are worth a line
LATE = "it takes too long"
Answer = TypeVar("Answer")


def patience() -> float:
    """Seconds for which a store that is away is waited for. Raises BadInput for what is none."""
    given = os.environ.get("SPOOL_AFTER") or "60"
    if not given.isdecimal():
        raise BadInput(f"SPOOL_AFTER {given}: give whole seconds, as in SPOOL_AFTER=60")
    return float(given)


class Health:
    """Told by whoever asks the store for something; `problem` is why it did not, if it did not.

    hopeless: it will not, however often it is asked. hope: what is done about it, in words.
    """

    def __init__(self, uri: str):
        self.problem, self.hopeless, self.hope = "", False, "it is waited for"
        self._uri, self._asked, self._failed = uri, {}, 0.0
        self._over = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Around what is asked of the store by somebody who tells what it refuses."""
        me = threading.get_ident()
        self._asked[me] = time.monotonic()
        try:
            yield
        finally:
            del self._asked[me]

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Around what is asked of the store, and will be asked again."""
        began = time.monotonic()
        try:
            with self.waiting():
                yield
        except Exception as error:  # each kind of store has its own
            self._tell(str(refusal(self._uri, error)))
            self.hopeless = final(error)
            raise
        self.hopeless = False
        self._tell_of_an_answer(began)

    def persist(self, ask: Callable[[], Answer], seconds: float | None = None, watched: bool = True) -> Answer:
        """What the store answers. Raises Away when it does not for so long, BadInput for what a person must change."""
        last = time.monotonic() + (patience() if seconds is None else seconds)
        while True:
            began = time.monotonic()
            try:
                with self.waiting() if watched else nullcontext():
                    answer = ask()
            except Exception as error:  # each kind of store has its own
                if not passing(error) or time.monotonic() >= last:
                    raise refusal(self._uri, error) from error
                self._tell(str(refusal(self._uri, error)))
            else:
                self._tell_of_an_answer(began)
                return answer
            time.sleep(1)

    def why(self) -> str:
        """Why the store has not taken something, in words."""
        return self.problem or str(refusal(self._uri, TimeoutError(LATE)))

    def end(self) -> None:
        self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(1):
            if min(self._asked.copy().values(), default=time.monotonic()) < time.monotonic() - SLOW:
                self._tell(self.why())

    def _tell(self, problem: str) -> None:
        known, self.problem, self._failed = self.problem, problem, time.monotonic()
        if not known:
            tell(f"{problem}; {self.hope}", "note")

    def _tell_of_an_answer(self, began: float) -> None:
        if self.problem and began > self._failed and time.monotonic() - began < SLOW:
            self.problem = ""
            tell("the tracking store answers again", "note")
