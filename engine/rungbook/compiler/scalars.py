"""Plain scalars: YAML 1.2's core schema with decimal numbers only, and where others differ."""

import math
import re
from typing import NamedTuple

from rungbook.findings import shown

Scalar = str | int | float | bool | None

MAX_INT = 2**53 - 1
"""The largest whole number that JSON, and so RFC 8785, carries exactly."""

_MAX_DIGITS = len(f"-{MAX_INT}")

_USUAL = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?\Z")
"""A number that is in range and the same to every tool."""

_INT = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z")

_CORE: dict[str, bool | None] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_CORE |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}

_YAML_1_1 = dict.fromkeys(("yes", "Yes", "YES", "on", "On", "ON"), "true")
_YAML_1_1 |= dict.fromkeys(("no", "No", "NO", "off", "Off", "OFF"), "false")
_YAML_1_1["="] = "a default value"

_OTHER_READINGS = (
    (re.compile(r"[-+]?0[0-9]+\Z"), "an octal number or text"),
    (re.compile(r"[-+]?0o[0-7]+\Z"), "an octal number"),
    (re.compile(r"[-+]?0x[0-9a-fA-F_]+\Z"), "a hexadecimal number"),
    (re.compile(r"[-+]?0b[01_]+\Z"), "a binary number"),
    (re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?\Z"), "a number to the base 60"),
    (re.compile(r"[-+]?\.?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?\Z"), "a number without the underscores"),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?\Z"), "a date"),
    (re.compile(r"[-+]?([0-9]+[eE][-+]?|[0-9]*\.[0-9]*[eE])[0-9]+\Z"), "text"),
)
"""What YAML 1.1 makes of a plain scalar (https://yaml.org/type/), or other YAML 1.2 readers do."""

_LONGEST_ODD = 40
"""Characters: nothing longer is a number or date to any tool, and patterns backtrack on it."""

SPECIAL = frozenset(_CORE) | frozenset(_YAML_1_1)
"""Plain scalars that are words with a meaning."""

NUMERIC = frozenset("-+.0123456789")
"""How everything begins that is a number, here or elsewhere."""


class Reading(NamedTuple):
    """What a plain scalar is, and the finding it deserves (an empty code: none)."""

    value: Scalar
    code: str = ""
    message: str = ""
    hint: str = ""


def resolve(text: str) -> Reading:
    """The meaning of a plain scalar that is in SPECIAL or begins as in NUMERIC."""
    if usual := _USUAL.match(text):
        return Reading(float(text) if usual[1] else int(text))
    if text in _CORE:
        return Reading(_CORE[text])
    if text in _YAML_1_1:
        return _doubt(text, text, _YAML_1_1[text])
    value = _number(text)
    if value is None:
        hint = f"whole numbers go up to {MAX_INT}, others to 1.8e308"
        return Reading(0, "R018", f"{shown(text)} is a number out of range", hint)
    for pattern, reading in _OTHER_READINGS if len(text) <= _LONGEST_ODD else ():
        if pattern.match(text):
            return _doubt(text, value, reading)
    return Reading(value)


def _doubt(text: str, value: Scalar, elsewhere: str) -> Reading:
    here = "text" if isinstance(value, str) else f"the number {value}"
    message = f"{text} is {here} here, but other tools read {elsewhere}"
    quoted = f'"{text}"'
    hint = f"write {quoted}" if here == "text" else f"write {quoted} for text, {value} for a number"
    return Reading(value, "R017", message, hint)


def _number(text: str) -> str | int | float | None:
    """The number or text that it is; None for a number that JSON cannot carry."""
    if _INT.match(text):
        return int(text) if len(text) <= _MAX_DIGITS and abs(int(text)) <= MAX_INT else None
    if _FLOAT.match(text):
        number = float(text)
        lost = number == 0 and re.match(r"[-+0.]*[1-9]", text)
        return None if math.isinf(number) or lost else number
    return None if _NOT_FINITE.match(text) else text
