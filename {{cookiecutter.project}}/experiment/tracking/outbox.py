"""Brings a run to the store while it is being made, in a thread of its own: a store that stalls stalls no fit."""

import signal
import threading
import time
from collections.abc import Callable

from ..errors import SIGNALS
from .delivery import Delivery
from .health import Health

LIVE = 1  # seconds between two looks for new metrics
LONGEST = 5  # seconds between two attempts
LOOK = 0.1  # seconds between two looks at what others deliver


class Outbox:
    """Delivers what is put into a record until it is closed."""

    def __init__(self, delivery: Delivery, health: Health):
        self._delivery, self._health = delivery, health
        self._news, self._closed, self._changed = threading.Event(), threading.Event(), threading.Condition()
        threading.Thread(target=self._deliver, daemon=True).start()

    def wake(self) -> None:
        """There is something new that should not wait."""
        self._news.set()

    def settle(
        self,
        seconds: float,
        others: dict[str, Delivery],
        enough: Callable[[], bool] = lambda: False,
    ) -> None:
        """Wait until all is in the store, that of others too, or cannot get there; or none of it got there for so many
        seconds; or it is enough.
        """
        self.wake()
        taken, since = -1, time.monotonic()
        with self._changed:
            while not (self._health.hopeless or enough()):
                all_of_them = [self._delivery, *others.copy().values()]
                if all(each.complete for each in all_of_them):
                    return
                before, taken = taken, sum(each.written for each in all_of_them)
                since = time.monotonic() if taken > before else since
                if time.monotonic() >= since + seconds:
                    return
                self._changed.wait(LOOK)

    def close(self) -> None:
        self._closed.set()
        self._health.end()

    def _deliver(self) -> None:
        # Signals are for the main thread, which would not be woken by one that came here.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        pause = 1
        while not self._closed.is_set():
            self._news.wait(LIVE)
            self._news.clear()
            if self._delivery.complete:
                continue
            try:
                with self._health.asking():
                    self._delivery.go_on()
                pause = 1
            except Exception:  # told by `asking`
                self._closed.wait(pause)
                pause = min(2 * pause, LONGEST)
            with self._changed:
                self._changed.notify_all()
