"""Schema: a data file is valid by a JSON Schema; in the child."""

import datetime
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import orjson

from rungbook import schemas
from rungbook.checks.scan import Look

MAX_DEPTH = 200
"""Levels of lists and mappings in a data file; deeper ones crash some readers."""

MOST_VALUES = 1_000_000
"""Values in a data file, each counted as often as a YAML alias repeats it."""

Read = Callable[[bytes], Iterator[tuple[str, Any]]]
"""Content → its documents, each with what the path is followed by; raises ValueError."""


def looking(check: Mapping[str, Any]) -> Look:
    """The look of a `Schema`: files of formats that nobody here reads do not count."""
    faults = schemas.compiled(check["valid"])

    def look(path: str, content: bytes) -> Iterator[str] | None:
        read = READERS.get(PurePosixPath(path).suffix.lower())
        return _wrong(path, content, read, faults) if read else None

    return look


def _wrong(path: str, content: bytes, read: Read, faults: schemas.Faults) -> Iterator[str]:
    """`path: pointer: message`, or why there is nothing to hold against the schema."""
    try:
        for where, document in read(content.removeprefix(b"\xef\xbb\xbf")):
            for at, message in faults(_plain(document)):
                pointer = "".join(f"/{_escaped(str(step))}" for step in at)
                yield f"{path}{where}: {pointer}: {message}" if at else f"{path}{where}: {message}"
    except RecursionError:
        yield f"{path}: it is nested too deeply"
    except MemoryError:
        yield f"{path}: it takes too much memory"
    except ValueError as e:
        yield f"{path}: {e}"


def _escaped(step: str) -> str:
    """A key as a JSON pointer writes it (RFC 6901)."""
    return step.replace("~", "~0").replace("/", "~1")


def _json(content: bytes) -> Iterator[tuple[str, Any]]:
    yield "", orjson.loads(content)


def _jsonl(content: bytes) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.strip():
            yield f":{number}", _loaded(line, number)


def _loaded(line: bytes, number: int) -> Any:
    try:
        return orjson.loads(line)
    except ValueError as e:
        raise ValueError(f"line {number}: {e}") from None


def _toml(content: bytes) -> Iterator[tuple[str, Any]]:
    yield "", tomllib.loads(content.decode())


def _yaml(content: bytes) -> Iterator[tuple[str, Any]]:
    """Each document; where there are several, with its number. An empty file is one null."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    text = content.decode()
    try:
        _shallow(YAML(typ="safe").parse(text))
        documents = list(YAML(typ="safe").load_all(text)) or [None]
    except YAMLError as e:
        raise ValueError(str(e)) from None
    for number, document in enumerate(documents, 1):
        yield (f" (document {number})" if len(documents) > 1 else ""), document


def _shallow(events: Iterator[Any]) -> None:
    """Raise RecursionError before anything that recurses sees what is nested too deeply."""
    depth = 0
    for event in events:
        kind = type(event).__name__
        depth += kind.endswith("StartEvent") - kind.endswith("EndEvent")
        if depth > MAX_DEPTH:
            raise RecursionError


READERS: Mapping[str, Read] = {
    ".json": _json,
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".toml": _toml,
    ".yaml": _yaml,
    ".yml": _yaml,
}
"""The ending of a file and who reads it."""


def _plain(document: Any) -> Any:
    """The document as JSON could have it: dates are text, and so are keys.

    Raises RecursionError or ValueError for one that is too deep or too large.
    """
    left = MOST_VALUES

    def plain(value: Any, depth: int) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise ValueError(f"it has more than {MOST_VALUES:,} values")
        if depth > MAX_DEPTH:
            raise RecursionError
        if isinstance(value, dict):
            return {str(k): plain(v, depth + 1) for k, v in value.items()}
        if isinstance(value, list | set | tuple):
            return [plain(v, depth + 1) for v in value]
        if isinstance(value, datetime.date | datetime.time):
            return value.isoformat()
        return value.decode(errors="replace") if isinstance(value, bytes) else value

    return plain(document, 0)
