"""From the path in a request to a file on disk."""

from pathlib import Path
from urllib.parse import unquote


class NotFound(LookupError):
    """There is no such file for visitors."""


def resolve(root: Path, requested: str) -> Path:
    """The file a visitor asks for, symbolic links resolved. Raises NotFound."""
    base = root.resolve()
    name = unquote(requested).lstrip("/")
    if "\0" in name:
        raise NotFound(requested)
    target = (base / name).resolve()
    if not str(target).startswith(str(base)):
        raise NotFound(requested)
    if target.is_dir():
        target /= "index.html"
    if not target.is_file():
        raise NotFound(requested)
    return target
