"""A process of its own that has neither the repository nor `experiment` on its path, to load stored models in."""

import json
import pickle
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..declaration import ROOT
from ..errors import BadInput
from . import foreign


class Reader:
    """Loads stored models and compares what they predict; it gets ready while the first ones are fitted."""

    def __enter__(self):
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
        command = [sys.executable, "-P", foreign.__file__, str(ROOT)]
        self._process = subprocess.Popen(
            command, cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, encoding="utf-8"
        )
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.communicate()
        self._log.close()

    def ask(self, folder: Path, table: Any, predicted: Any) -> None:
        """Hand over a stored model, with a table and what the fitted one predicts from it."""
        folder.with_suffix(foreign.QUESTION).write_bytes(pickle.dumps((table, predicted)))
        with suppress(BrokenPipeError):  # the process has ended; asking for its answer tells so
            print(folder, file=self._process.stdin, flush=True)

    def refuse_other_predictions(self, file: str) -> None:
        """Raise BadInput when the next model that was handed over cannot be loaded, or predicts otherwise."""
        said = self._process.stdout.readline()
        if not said:
            self._log.seek(0)
            raise BadInput(f"{file}: loading the stored model ended the process: {self._log.read()[-500:]}")
        if problem := json.loads(said):
            fix = "let predict depend on nothing but what fit put into the model, and its code be in models/"
            raise BadInput(f"{file}: the stored model does not work where this repository is not: {problem}; {fix}")
