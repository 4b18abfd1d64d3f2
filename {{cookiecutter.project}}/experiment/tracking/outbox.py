"""Brings a run to the store while it is being made, in a thread of its own: a store that stalls stalls no fit."""

import os
import signal
import threading

from ..errors import BadInput
from .health import Health
from .record import Delivery

LIVE = 1  # seconds between two looks for new metrics
LONGEST = 5  # seconds between two attempts


def patience() -> float:
    """Seconds for which an ended run is brought to a store that does not take it. Raises BadInput for what is none."""
    given = os.environ.get("SPOOL_AFTER") or "60"
    if not given.isdecimal():
        raise BadInput(f"SPOOL_AFTER {given}: give whole seconds, as in SPOOL_AFTER=60")
    return float(given)


class Outbox:
    """Delivers what is put into a record until it is closed."""

    def __init__(self, delivery: Delivery, health: Health):
        self._delivery, self._health = delivery, health
        self._news, self._closed, self._changed = threading.Event(), threading.Event(), threading.Condition()
        threading.Thread(target=self._deliver, daemon=True).start()

    def wake(self) -> None:
        """There is something new that should not wait."""
        self._news.set()

    def settle(self, seconds: float) -> bool:
        """Wait until all is in the store, or cannot get there; whether it is."""
        self.wake()
        with self._changed:
            self._changed.wait_for(lambda: self._delivery.complete or self._health.hopeless, seconds)
        return self._delivery.complete

    def close(self) -> None:
        self._closed.set()

    def _deliver(self) -> None:
        # Signals are for the main thread, which would not be woken by one that came here.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
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
