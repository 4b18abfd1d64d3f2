"""Folders of files, on this machine or at an address that fsspec knows."""

from pathlib import Path

from ..errors import BadInput
from .uris import public


def is_folder(uri: str) -> bool:
    """Does an address name a folder of files? S3 reads one as an empty file."""
    if "://" not in uri:
        return Path(uri).is_dir()
    if uri.startswith("http"):  # has no folders, and fsspec would read pages to find one
        return False
    import fsspec

    try:
        system, path = fsspec.core.url_to_fs(uri)
        return system.isdir(path)
    except Exception:  # what is wrong is told by whoever reads the file
        return False


def inside(uri: str) -> list[str]:
    """The addresses of what is in a folder. Raises BadInput when it cannot be looked into."""
    if "://" not in uri:
        return [str(path) for path in Path(uri).iterdir()]
    import fsspec

    system, path = fsspec.core.url_to_fs(uri)
    return [
        system.unstrip_protocol(name) for name in system.ls(path, detail=False) if name.strip("/") != path.strip("/")
    ]


def parts(uri: str, where: str) -> list[str]:
    """The addresses of a table's files. Raises BadInput for a folder of anything but Parquet files."""
    if not is_folder(uri):
        return [uri]
    found = sorted(name for name in inside(uri) if not name.rstrip("/").rpartition("/")[2].startswith((".", "_")))
    if others := [name for name in found if not name.endswith(".parquet")]:
        raise BadInput(f"{where}: holds {public(others[0])}; name a folder that holds one table's .parquet files alone")
    if not found:
        raise BadInput(f"{where}: is a folder without .parquet files; name one file, or a folder of such")
    return found
