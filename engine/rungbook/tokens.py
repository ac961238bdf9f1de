"""How many tokens a text has, where nobody has counted them; and what others say they counted."""

MOST_REPORTED = 1_000_000_000
"""More than any context holds: who reports more has not counted."""


def at_most(text: str) -> int:
    """No fewer than a tokeniser of today finds: a third of ASCII, half of the bytes of the rest."""
    size = len(text.encode("utf-8", "surrogatepass"))
    ascii_chars = size if text.isascii() else sum(c < "\x80" for c in text)
    return -(-ascii_chars // 3) + -(-(size - ascii_chars) // 2)


def about(text: str) -> int:
    """The usual guess: four characters a token."""
    return len(text) // 4


def reported(count: object) -> int | None:
    """What a server says that it counted; None where that can be no count."""
    return count if type(count) is int and 0 < count <= MOST_REPORTED else None
