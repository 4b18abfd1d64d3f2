"""Addresses of data and of stores, as they may be shown and named."""

import re
from pathlib import PurePosixPath
from urllib.parse import urlsplit


def public(uri: str) -> str:
    """The address without user, password and query, which may hold secrets."""
    scheme, found, rest = uri.partition("://")
    if not found or rest.startswith("/"):  # a path, or an address that lacks something
        rest = re.sub(r"^([^/]*/+)?[^/@]*:[^/@]*@", r"\1", uri)
        return rest.partition("?")[0] if re.match(r"(?!sqlite|file)\w+(\+\w+)?://", uri) else rest
    rest = re.split(r"[?#]", rest)[0]
    authority = rest.partition("/")[0]
    # A password may hold a slash that nobody escaped: then what follows the colon is no port.
    if "@" in authority or not re.fullmatch(r"[^:]*(:\d*)?", authority):
        rest = rest.rpartition("@")[2]
    return f"{scheme}://{rest}"


def stem(uri: str) -> str:
    """A data set's name: the file's, without folder and ending."""
    return PurePosixPath(urlsplit(uri).path or uri).name.split(".")[0] or "data"
