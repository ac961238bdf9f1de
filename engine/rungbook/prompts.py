"""Templates of prompts: a small part of jinja2, with bounded output, work and time.

A template prints what it is given, chooses and loops; it calls, computes, stores and loads nothing,
so no text of a project that it is filled with can make it grow or run.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import wraps
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from jinja2 import Environment, Template, nodes

Plain: TypeAlias = "str | int | float | bool | Sequence[Plain] | Mapping[str, Plain] | None"
"""What a template may be filled in with."""

MAX_CHARS = 4_000_000
"""The longest text a template may come to; no context window holds more."""

MAX_STEPS = 1_000_000
"""Rounds of loops and uses of filters in one prompt."""

MAX_SECONDS = 5.0
"""How long filling in one prompt may take."""

_NODES = {
    "And", "Compare", "CondExpr", "Const", "Dict", "Filter", "For", "Getattr", "Getitem", "If",
    "Keyword", "List", "Name", "Neg", "Not", "Operand", "Or", "Output", "Pair", "Slice", "Template",
    "TemplateData", "Test", "Tuple",
}  # fmt: skip
"""What a template may consist of, by jinja2's names; everything else binds, calls or computes."""

_FILTERS = (
    "capitalize", "count", "d", "default", "first", "items", "last", "length", "list", "lower",
    "map", "reject", "rejectattr", "reverse", "select", "selectattr", "sort", "string", "title",
    "trim", "truncate", "unique", "upper",
)  # fmt: skip
"""Filters of jinja2 whose result is about as long as what they are given; two of ours join them."""

_WORDS = {"Concat": "~", "Assign": "set", "AssignBlock": "set", "Call": "function call"}
"""How a user writes what jinja2 calls otherwise."""

_RAISED = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What the wrong kind of value makes filters and comparisons raise."""


class BadPrompt(ValueError):
    """A template that cannot be filled in: why, in which line of it, and what to do instead."""

    def __init__(self, message: str, line: int = 1, hint: str = "") -> None:
        super().__init__(message)
        self.line, self.hint = line, hint


def names(text: str) -> frozenset[str]:
    """The names that a template speaks of; raises BadPrompt."""
    return _compiled(text)[1]


def render(text: str, /, **given: Plain) -> str:
    """The template with the names filled in, and `mark` beside them; raises BadPrompt."""
    from jinja2 import TemplateError

    template = _compiled(text)[0]
    parts: list[str] = []
    size = 0
    try:
        for part in template.generate(given | {"mark": mark(given)}):
            size += len(part)
            _fits(size)
            parts.append(part)
    except (TemplateError, *_RAISED) as e:
        raise e if isinstance(e, BadPrompt) else BadPrompt(str(e)) from e
    return "".join(parts)


def mark(given: Plain) -> str:
    """A word that is nowhere in what is given, and the same whenever the same is given.

    A text can therefore not end the place it stands in, whoever wrote it.
    """
    whole = json.dumps(given, sort_keys=True)
    digest = hashlib.sha256(whole.encode())
    while (word := digest.hexdigest()[:8]) in whole:
        digest.update(b"again")
    return word


def _compiled(text: str) -> "tuple[Template, frozenset[str]]":
    """A template ready to be filled in once, and the names it speaks of."""
    from jinja2 import TemplateSyntaxError, meta, nodes

    environment = _environment()
    try:
        tree = environment.parse(text)
        for node in tree.find_all(nodes.Node):
            _refuse(node)
        spoken = meta.find_undeclared_variables(tree)
        for loop in list(tree.find_all(nodes.For)):
            loop.iter = nodes.Filter(loop.iter, "each", [], [], None, None, lineno=loop.lineno)
        return environment.from_string(tree), frozenset(spoken)
    except TemplateSyntaxError as e:
        raise BadPrompt(e.message or "it is no template", e.lineno) from e
    except (RecursionError, MemoryError, SyntaxError):
        raise BadPrompt("it is nested too deeply") from None
    except ValueError as e:
        raise e if isinstance(e, BadPrompt) else BadPrompt(str(e)) from e


def _refuse(node: "nodes.Node") -> None:
    name = type(node).__name__
    if name in ("Extends", "FromImport", "Import", "Include"):
        hint = "write it out: what it does is part of its identity"
        raise BadPrompt("a template loads no other", node.lineno, hint)
    if name not in _NODES:
        word = getattr(node, "operator", None) or _WORDS.get(name, name.lower())
        hint = "it prints, chooses (if), loops (for) and filters (|)"
        raise BadPrompt(f"a prompt has no `{word}`", node.lineno, hint)


def _environment() -> "Environment":
    """The part of jinja2 that prompts are written in, for one use: it counts its steps."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, optimized=False
    )
    step = _steps()
    filters = {name: environment.filters[name] for name in _FILTERS}
    filters |= {"join": _join, "tojson": _json}
    environment.filters = {name: _bounded(f, step) for name, f in filters.items()}
    environment.filters["each"] = _each(step)
    environment.globals.clear()
    return environment


def _steps() -> Callable[[], None]:
    """To be called at each step; raises BadPrompt once there were too many."""
    taken = 0
    end = monotonic() + MAX_SECONDS

    def step() -> None:
        nonlocal taken
        taken += 1
        if taken > MAX_STEPS or monotonic() > end:
            raise BadPrompt(f"it takes more than {MAX_STEPS:,} steps or {MAX_SECONDS:g} seconds")

    return step


def _each(step: Callable[[], None]) -> Callable[[Iterable[Any]], Iterator[Any]]:
    def each(values: Iterable[Any]) -> Iterator[Any]:
        for value in values:
            step()
            yield value

    return each


def _bounded(function: Callable[..., Any], step: Callable[[], None]) -> Callable[..., Any]:
    @wraps(function)
    def bounded(*args: Any, **options: Any) -> Any:
        step()
        found = function(*args, **options)
        if isinstance(found, str):
            _fits(len(found))
        return found

    return bounded


def _fits(size: int) -> None:
    if size > MAX_CHARS:
        raise BadPrompt(f"it is longer than {MAX_CHARS:,} characters")


def _join(values: Iterable[Any], between: str = "") -> str:
    texts = [str(value) for value in values]
    _fits(sum(map(len, texts)) + len(between) * len(texts))
    return between.join(texts)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
