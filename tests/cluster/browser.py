"""A real browser without a window, for pages that scripts put together: MLflow's are empty without one."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

LACKING = "" if shutil.which("chromium") else "needs chromium: apt-get install --no-install-recommends chromium"


def chromium(url: str, *flags: str) -> str:
    """Open a page and give its scripts, and what they fetch, half a minute of the page's own time.

    The window is large, as tables fill in no more than what is in sight.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        own = (f"--user-data-dir={profile}", "--virtual-time-budget=30000", "--no-sandbox", "--window-size=1400,1750")
        command = ["chromium", "--headless", *own, *flags, url]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout


def page(url: str) -> str:
    """The page as it is when its scripts are done, as HTML."""
    return chromium(url, "--dump-dom")


def picture(url: str, file: Path) -> None:
    """Save the window as PNG."""
    chromium(url, f"--screenshot={file}")


def comparison(address: str, run_ids: list[str], experiment_id: str) -> str:
    """The page of MLflow that compares runs."""
    return (
        f"{address}/#/compare-runs?runs={quote(json.dumps(run_ids))}&experiments={quote(json.dumps([experiment_id]))}"
    )
