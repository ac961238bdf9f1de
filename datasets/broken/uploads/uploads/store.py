"""Names and folders of stored files."""

import re
from pathlib import PurePosixPath

from uploads.sniff import sniff

UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class Rejected(ValueError):
    """The upload is of no type we accept."""


def destination(name: str, data: bytes) -> str:
    """The relative path to store the upload under. Raises Rejected."""
    kind = sniff(data)
    if kind is None:
        raise Rejected(f"{name}: unknown file type")
    return f"{kind.group}/{clean(name)}{kind.suffix}"


def clean(name: str) -> str:
    """The name without folders, suffix and characters that shells dislike."""
    stem = PurePosixPath(name.replace("\\", "/")).stem
    return UNSAFE.sub("-", stem).strip("-.") or "unnamed"
