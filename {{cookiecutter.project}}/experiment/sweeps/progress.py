"""What a person sees of a sweep while it runs: a bar on a terminal, plain lines elsewhere; never a colour."""

import sys
import time

from tqdm import tqdm

from .results import Results

SECONDS = 10  # between two plain lines


class Progress:
    """Done, failed, best so far and time left, on stderr."""

    def __init__(self, results: Results, total: int):
        self._results, self._total, self._before = results, total, len(results.rows)
        self._began = self._told = time.monotonic()
        left = "{desc}: {bar} {n_fmt} of {total_fmt} sets{postfix}, {remaining} left"
        name, before = results.model.name, self._before
        self._bar = tqdm(desc=name, initial=before, total=total, bar_format=left, ncols=100, disable=None)

    def __enter__(self):
        return self

    def __exit__(self, error, *_):
        self._bar.close()
        if self._bar.disable and error is None:
            self._tell("")

    def advance(self) -> None:
        """One more set is done."""
        done, now = len(self._results.rows), time.monotonic()
        if not self._bar.disable:
            self._bar.set_postfix_str(self._results.so_far, refresh=False)
            self._bar.update()
        elif now - self._told > SECONDS:
            self._told, rate = now, (now - self._began) / (done - self._before)
            self._tell(f", {rate * (self._total - done):.0f} s left")

    def _tell(self, left: str) -> None:
        results = self._results
        said = f"{results.model.name}: {len(results.rows)} of {self._total} sets, {results.so_far}{left}"
        print(said, file=sys.stderr, flush=True)
