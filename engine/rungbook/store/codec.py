"""A record as a line of JSON, and back."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

import orjson

from rungbook.records import STREAMS, Envelope, plain

_NO_ID = b'{"id":""'
_TIMES = {
    kind: [name for name, hint in get_type_hints(kind).items() if hint is datetime]
    for kind in STREAMS.values()
}
_OPTIONS = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE


def encode(records: Sequence[Envelope], keys: Sequence[str]) -> list[bytes]:
    """A line for each record, with its key for its id; raises TypeError for what JSON cannot say.

    Times are written in UTC: DuckDB drops a zone and keeps the hour. Text that is no text (lone
    surrogates, as file names have) is put right rather than refused.
    """
    lines, start = [], len(_NO_ID)
    for record, key in zip(records, keys, strict=True):  # the hot path of every outcome
        for name in _TIMES[type(record)]:
            time = getattr(record, name)
            if time.tzinfo is not None and time.tzinfo is not UTC:
                return encode([_in_utc(r) for r in records], keys)
        try:
            line = orjson.dumps(record, option=_OPTIONS)
        except orjson.JSONEncodeError:
            line = orjson.dumps(_mended(dataclasses.asdict(record)), option=_OPTIONS)
        if line[:start] != _NO_ID:
            raise TypeError(f"record {record.id} has an id already: the journal gives it")
        lines.append(b'{"id":"%b"%b' % (key.encode(), line[start:]))
    return lines


def _in_utc(record: Envelope) -> Envelope:
    """Its times in UTC; those without a zone are that already."""
    times = {name: getattr(record, name) for name in _TIMES[type(record)]}
    zoned = {name: time.astimezone(UTC) for name, time in times.items() if time.tzinfo}
    return dataclasses.replace(record, **zoned)


def decode(stream: str, line: bytes) -> Envelope | None:
    """The record of one line, or None for a torn one; columns of a later version are left out.

    Raises TypeError where a column is missing that every version has.
    """
    try:
        values = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(values, dict) or not values.get("id"):
        return None
    record: Envelope = _build(STREAMS[stream], values)
    return record


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {_mended(key): _mended(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_mended(item) for item in value]
    return value


def _build(kind: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    readers = _readers(kind)
    known = {
        name: None if value is None else readers[name](value)
        for name, value in values.items()
        if name in readers
    }
    return kind(**known)


@cache
def _readers(kind: Callable[..., Any]) -> Mapping[str, Callable[[Any], Any]]:
    return {name: _reader(plain(hint)) for name, hint in get_type_hints(kind).items()}


def _reader(hint: Any) -> Callable[[Any], Any]:
    if hint is datetime:
        return lambda text: datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
    if get_origin(hint) is tuple:
        each = _reader(plain(get_args(hint)[0]))
        return lambda items: tuple(each(item) for item in items)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return lambda values: _build(hint, values)
    return lambda value: value
