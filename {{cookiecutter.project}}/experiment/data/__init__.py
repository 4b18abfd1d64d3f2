"""Where a table comes from, its columns, its split and its fingerprint.

Every refusal names the table, the column or line, and what to do. pandas is imported with the first table. `columns`
are picked from one, `pieces` are those of one of any length, `known` is what a model knows of the one that it was
trained on, `output` writes one; each is imported when it is asked for.
"""

from . import splits
from .dataset import Data, Digest
from .source import Source
from .uris import public, stem

__all__ = ["Data", "Digest", "Source", "columns", "known", "output", "pieces", "public", "splits", "stem"]
