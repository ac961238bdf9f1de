"""The change of an attempt as it is kept: enough to apply it or take it back when all else is gone.

A kept change is a line of JSON, the contents it speaks of one after the other, and all of it
compressed. Its id is the hash of what is compressed, so the same change is kept once.
"""

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Self

from rungbook.errors import StateFailed
from rungbook.globs import matches_any
from rungbook.workspace.changes import SENSITIVE, Change

_LEVEL = 1
"""Zlib's fastest: an attempt waits for this, and sources shrink to a third all the same."""


@dataclass(frozen=True, slots=True)
class Kept:
    """All paths of a change, and by their ids the contents before and after."""

    changes: tuple[Change, ...]
    blobs: Mapping[str, bytes]

    @property
    def files(self) -> tuple[str, ...]:
        """The paths it changes."""
        return tuple(change.path for change in self.changes)

    @property
    def sensitive(self) -> tuple[str, ...]:
        """The paths whose content runs later without being asked, as this version sees it."""
        return tuple(path for path in self.files if matches_any(path, SENSITIVE))

    def reversed(self) -> Self:
        """What takes it back."""
        return type(self)(tuple(change.reversed() for change in self.changes), self.blobs)

    def packed(self) -> tuple[str, bytes]:
        """Its id and its bytes."""
        sizes = [(name, len(content)) for name, content in sorted(self.blobs.items())]
        head = json.dumps({"changes": [astuple(c) for c in self.changes], "blobs": sizes})
        raw = b"".join([head.encode(), b"\n", *(self.blobs[name] for name, _ in sizes)])
        return hashlib.sha256(raw).hexdigest(), zlib.compress(raw, _LEVEL)

    @classmethod
    def unpacked(cls, name: str, packed: bytes) -> Self:
        """The change of that id; raises StateFailed where the bytes are not those of it."""
        try:
            raw = zlib.decompress(packed)
        except zlib.error:
            raw = b""
        if hashlib.sha256(raw).hexdigest() != name:
            raise StateFailed(f"the stored change {name[:12]} is damaged")
        at = raw.index(b"\n") + 1
        head, blobs = json.loads(raw[:at]), {}
        for blob, size in head["blobs"]:
            blobs[blob] = raw[at : at + size]
            at += size
        return cls(tuple(Change(*values) for values in head["changes"]), blobs)
