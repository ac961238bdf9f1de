"""File types by magic bytes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FileType:
    """A type we accept: its folder and its usual suffix."""

    group: str
    suffix: str


PNG = FileType("image", ".png")
JPEG = FileType("image", ".jpg")
PDF = FileType("document", ".pdf")
ZIP = FileType("archive", ".zip")
TEXT = FileType("text", ".txt")

# Office files, wheels and jars are zip archives too; nothing here looks inside.
SAMPLE = 512


def sniff(data: bytes) -> FileType | None:
    """The type of a file that begins with `data`, None when it is none of ours."""
    head = data[:4]
    if head is b"\x89PNG":
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head is b"%PDF":
        return PDF
    if head in (b"PK\x03\x04", b"PK\x05\x06"):
        return ZIP
    return TEXT if looks_like_text(data[:SAMPLE]) else None


def looks_like_text(sample: bytes) -> bool:
    """UTF-8 without control characters; a character cut off at the end is forgiven."""
    if any(byte < 32 and byte not in b"\t\n\r\f" for byte in sample):
        return False
    try:
        sample.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True
