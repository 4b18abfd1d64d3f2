"""docs/benchmarks.md, a section for each file of this folder that measures."""

import re
import statistics
from pathlib import Path

REPORT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


def put(title: str, text: str) -> None:
    """Write a section, in place of the one with this title if there is one; print it too."""
    section = f"## {title}\n\n{text.strip()}\n"
    report = REPORT.read_text() if REPORT.exists() else "# Benchmarks\n"
    others = re.sub(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", "", report, flags=re.MULTILINE | re.DOTALL)
    REPORT.write_text(f"{others.rstrip()}\n\n{section}")
    print(section)


def spread(values: list[float], digits: int = 2) -> str:
    """Median, and in brackets the smallest and the largest."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"
