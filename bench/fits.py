"""The four models fitted small, evaluated and drawn, as `check` does before it stores and loads them."""

import gc
import sys
from pathlib import Path

gc.set_threshold(100_000)  # as the product does
sys.path.insert(0, str(Path.cwd()))

from experiment.check import fit  # noqa: E402
from experiment.declaration import load, names  # noqa: E402

for name in names():
    fit(load(name))

gc.freeze()  # as the product does, or looking for garbage at exit takes a third of a second
