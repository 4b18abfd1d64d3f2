"""Where a table comes from, its columns, its split and its fingerprint.

Every refusal names the table, the column or line, and what to do. pandas is imported with the first table, and
`columns` with it when it is asked for.
"""

from . import splits
from .dataset import Data
from .source import Source
from .uris import public, stem

__all__ = ["Data", "Source", "columns", "public", "splits", "stem"]
