"""Argument lists with placeholders, as specs write them, filled for one call or for several."""

import re
from collections.abc import Iterator, Mapping, Sequence

FILES = "{files}"
"""Stands for the files, each an argument of its own."""

MOST_BYTES = 120_000
"""Bytes of one call's arguments; Linux takes 128 KiB in one argument, macOS 1 MiB in all."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class TooLong(ValueError):
    """The arguments do not fit into one call, with or without files."""


def filled(
    template: Sequence[str], words: Mapping[str, str], files: Sequence[str] = ()
) -> Iterator[tuple[str, ...]]:
    """The argument lists of the calls that cover all files; raises TooLong.

    `{name}` is replaced where `words` has the name, once: what it brings in is not looked at.
    Nothing that is filled in is taken for an option.
    """
    parts = [part if part == FILES else _word(part, words) for part in template]
    room = MOST_BYTES - sum(_bytes(part) for part in parts if part != FILES)
    if room < 0:
        raise TooLong(f"more than {MOST_BYTES} bytes of arguments")
    for batch in _batches(files, room // parts.count(FILES)) if FILES in parts else [()]:
        yield tuple(a for part in parts for a in (batch if part == FILES else (part,)))


def _word(part: str, words: Mapping[str, str]) -> str:
    text = _PLACEHOLDER.sub(lambda m: words.get(m[1], m[0]), part).replace("\0", "")
    return f" {text}" if text.startswith("-") and not part.startswith("-") else text


def _batches(files: Sequence[str], room: int) -> Iterator[tuple[str, ...]]:
    batch: list[str] = []
    used = 0
    for file in (f"./{f}" if f.startswith("-") else f for f in files):
        size = _bytes(file)
        if size > room:
            raise TooLong(f"no room for {file[:80]}")
        if used + size > room:
            yield tuple(batch)
            batch, used = [], 0
        batch.append(file)
        used += size
    yield tuple(batch)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape")) + 1
