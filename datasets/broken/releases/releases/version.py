"""Version numbers: 1.10.0, 2.0.0-rc.1."""

import re
from typing import NamedTuple

PATTERN = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:-rc\.(\d+))?")
FINAL = 1_000_000  # a release candidate comes before its release


class Version(NamedTuple):
    """Compares as versions do, field by field."""

    major: int
    minor: int
    patch: int
    candidate: int = FINAL

    @property
    def is_final(self) -> bool:
        """Not a release candidate."""
        return self.candidate == FINAL

    def __str__(self) -> str:
        suffix = "" if self.is_final else f"-rc.{self.candidate}"
        return f"{self.major}.{self.minor}.{self.patch}{suffix}"


def parse_version(text: str) -> Version:
    """Reads `1.2.3`, `v1.2.3` or `1.2.3-rc.4`. Raises ValueError."""
    found = PATTERN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"not a version: {text!r}")
    return Version(*(int(part) for part in found.groups() if part is not None))
