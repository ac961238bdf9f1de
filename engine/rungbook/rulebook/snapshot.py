"""The Rulebook: a frozen value, content-addressed."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import rfc8785

from rungbook.rulebook.matrix import EscalationMatrix
from rungbook.rulebook.model import Model
from rungbook.rulebook.taxonomy import TaskTaxonomy
from rungbook.rulebook.validator import Validator

_HARD = re.compile(rb"(?:^|[:,\[])-?\d+(?:\.0(?:$|[,\]}])|(?:\.\d+)?[eE])")
"""Numbers that RFC 8785 writes otherwise than orjson: 4.0, and those with an exponent."""

_EXACT = 2.0**53
"""Whole numbers below this are the same as floats and as integers."""


def plain(content: Any) -> Any:
    """The same data with `4.0` as `4`: they are one number, and where one counts, a whole one."""
    if isinstance(content, dict):
        return {key: plain(value) for key, value in content.items()}
    if isinstance(content, list):
        return [plain(value) for value in content]
    if isinstance(content, float) and content.is_integer() and abs(content) < _EXACT:
        return int(content)
    return content


def canonical(content: Any) -> bytes:
    """The RFC 8785 form of JSON data.

    orjson gives the same bytes ten times faster, save for a few numbers and for the order of keys
    beyond ASCII: where there might be any, rfc8785 itself is asked.
    """
    raw = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    if raw.isascii() and not _HARD.search(raw):
        return raw
    return rfc8785.dumps(content)


def identity(kind: str, name: str, content: Any) -> str:
    """sha256 over kind, name and the canonical form of what the spec or part does."""
    return hashlib.sha256(canonical([kind, name, content])).hexdigest()


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Every spec by kind and name; `hashes` by `Kind/name` and `Kind/name/part`.

    `prompts`: the text of every template that a spec names, by that name.
    """

    id: str
    models: Mapping[str, Model]
    taxonomies: Mapping[str, TaskTaxonomy]
    validators: Mapping[str, Validator]
    matrices: Mapping[str, EscalationMatrix]
    hashes: Mapping[str, str]
    prompts: Mapping[str, str]
