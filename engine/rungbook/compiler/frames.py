"""The collections that are open while a document is read: each takes the values that follow."""

import re
from typing import Any

from rungbook.compiler.source import Source
from rungbook.findings import shown

Mark = tuple[int, int, int, int, Any]
"""Start and end of the key (of the item itself in a list), of the value, and the marks below it."""

Report = tuple[str, int, int, str, str]
"""Code, start and end offset, message, hint."""

MERGE = "<<"

_COLON = re.compile(r"\s*:")
_NOUNS = {dict: "a mapping", list: "a list", bool: "a boolean", type(None): "null"}


class Sequence:
    """An open list."""

    __slots__ = ("below", "end", "flow", "found", "start", "value")
    key: str | None = None

    def __init__(self, start: int, flow: bool, found: list[Report]) -> None:
        self.start, self.end, self.flow, self.found = start, start, flow, found
        self.value: list[Any] = []
        self.below: list[Mark] = []

    def add(self, value: Any, start: int, end: int, below: Any) -> None:
        """Take the next item."""
        if value is None:
            what = "this item is null" if end > start else "this item is empty"
            self.found.append(("R015", min(start, end - 1), end, what, "leave it out"))
        self.value.append(value)
        self.below.append((start, end, start, end, below))
        self.end = end

    def close(self) -> None:
        """Nothing is left to say of a list."""


class Root(Sequence):
    """What a document is put into: a list of one."""

    __slots__ = ()

    def add(self, value: Any, start: int, end: int, below: Any) -> None:
        """Take the document's only value; whether it may be null is for the reader to say."""
        self.value.append(value)
        self.below.append((start, end, start, end, below))


class Mapping:
    """An open mapping: keys and values by turns."""

    __slots__ = (
        *("below", "cut", "end", "flow", "found", "key", "key_end", "key_start"),
        *("since", "source", "start", "value"),
    )

    def __init__(self, start: int, flow: bool, found: list[Report], source: Source) -> None:
        self.start, self.end, self.flow, self.found = start, start, flow, found
        self.source, self.since = source, len(found)
        self.value: dict[str, Any] = {}
        self.below: dict[str, Mark] = {}
        self.key: str | None = None
        self.key_start = self.key_end = 0
        self.cut = -1

    def add(self, value: Any, start: int, end: int, below: Any) -> None:
        """Take the next key, or the value of the last one."""
        key = self.key
        if key is None:
            self.key_start, self.key_end = start, end
            self.key = value if value.__class__ is str and value != MERGE else self._odd(value)
            return
        self.key = None
        if value is None and self._without(key, start, end):
            return
        self.end = end if end > start else self.key_end
        if key in self.value:
            self._again(key)
        elif key != MERGE:
            self.value[key] = value
            self.below[key] = (self.key_start, self.key_end, start, end, below)

    def close(self) -> None:
        """Nothing is wrong with null in and under a mapping that `extends`: it deletes a key."""
        if "extends" in self.value:
            self.found[self.since :] = [f for f in self.found[self.since :] if f[0] != "R015"]

    def _report(self, code: str, message: str, hint: str) -> None:
        self.found.append((code, self.key_start, self.key_end, message, hint))

    def _odd(self, value: Any) -> str:
        """The key to use for one that is not text, or merges."""
        written = self.source.text[self.key_start : self.key_end]
        if value == MERGE:
            self._report("R012", "merge key <<", "write the keys out, or use `extends`")
            return MERGE
        if self._is_cut():
            return written
        what = _NOUNS.get(type(value), "a number")
        if isinstance(value, dict | list):
            self._report("R014", f"{what} cannot be a key", "a key is text on one line")
        elif written:
            self._report("R014", f"the key {written} is {what}, not text", f'write "{written}"')
        else:
            self._report("R014", "the key is empty", "give it a name")
        return written

    def _without(self, key: str, start: int, end: int) -> bool:
        """Report a key without a value; True if it is no key but the rest of the text before it."""
        if start == end and self._is_cut():
            while self.found and self.found[-1][1] == self.key_start:
                self.found.pop()
            if self.cut < self.end:
                message = f"the text before the comma ends there, and {shown(key)} is a key"
                self._report("R016", message, 'quote the whole text: "…, …"')
            self.cut = self.key_end
            return True
        if end > start:
            self.found.append(("R015", start, end, f"{shown(key)} is null", "leave the key out"))
        else:
            self._report("R015", f"{shown(key)} has no value", "give it one, or leave the key out")
        return False

    def _is_cut(self) -> bool:
        """Whether the key has no colon and follows an unquoted text: `{why: one, two}`."""
        text = self.source.text
        return (
            self.flow
            and not _COLON.match(text, self.key_end)
            and next(reversed(self.value.values()), None).__class__ is str
            and text[self.end - 1] not in "\"'"
        )

    def _again(self, key: str) -> None:
        first = self.source.place(self.below[key][0])[0]
        message = f"{shown(key)} stands here twice, first on line {first}"
        self._report("R013", message, "remove or rename one of them")


Frame = Sequence | Mapping
