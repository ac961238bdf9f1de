"""Response headers of a file."""

import mimetypes
from email.utils import formatdate
from pathlib import Path

INLINE = ("text/", "image/")


def headers(file: Path) -> dict[str, str]:
    """Type, length, date; what a browser cannot show is offered for saving."""
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    status = file.stat()
    found = {
        "Content-Type": kind,
        "Content-Length": str(status.st_size),
        "Last-Modified": formatdate(status.st_mtime, usegmt=True),
    }
    if not kind.startswith(INLINE):
        found["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return found
