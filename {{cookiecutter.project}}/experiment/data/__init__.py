"""Where a table comes from, its columns, its split and its fingerprint."""

from .dataset import Data, Source
from .uris import public

__all__ = ["Data", "Source", "public"]
