"""Write docs/reference/*.md from the code: `uv run python docs/write.py`."""

import argparse
import inspect
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from rungbook import cli, codes, errors, records
from rungbook.kinds import KINDS, Kind, file_schema
from rungbook.rulebook.conditions import OPERATORS
from rungbook.rulebook.facts import facts
from rungbook.rulebook.schema import NAME, Schema

HERE = Path(__file__).parent / "reference"
HEAD = "<!-- Written by docs/write.py from the code; a test says both agree. -->"
CONDITION, TERM = "#/$defs/condition-", "#/$defs/term-"

_TYPES = {
    "string": "text",
    "integer": "whole number",
    "boolean": "true/false",
    "object": "mapping",
    "array": "list",
}


class Key(NamedTuple):
    """One key of a spec: where it stands, its schema, and whether it is needed there."""

    path: str
    schema: Schema
    needed: str = ""

    @property
    def ref(self) -> str:
        """The definition it refers to, if any."""
        return str(self.schema.get("$ref", ""))


def rendered() -> dict[Path, str]:
    """The text of every reference page."""
    pages = {kind.folder: _kind(kind) for kind in KINDS.values()}
    pages |= {"facts": _facts(), "findings": _findings(), "errors": _errors()}
    pages |= {"outcomes": _outcomes(), "cli": _cli()}
    return {
        HERE / f"{name}.md": "\n\n".join((HEAD, *parts)) + "\n" for name, parts in pages.items()
    }


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join("| " + " | ".join(x.replace("|", r"\|") for x in row) + " |" for row in lines)


def _doc(of: Any) -> str:
    """The first paragraph of a docstring, on one line."""
    return (inspect.getdoc(of) or "").split("\n\n", maxsplit=1)[0].replace("\n", " ")


def _json(value: Any) -> str:
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _kind(kind: Kind) -> list[str]:
    defs = file_schema(kind)["$defs"]
    parts = [
        f"# {kind.name}",
        defs["spec"]["description"],
        f"Folder `specs/{kind.folder}/`, schema `schemas/v1/{kind.folder}.json`. How a file is"
        " written: [the language](../specs.md).",
        _keys(_walk(defs["spec"])),
    ]
    if term := next((name for name in sorted(defs) if name.startswith("term-")), None):
        says = "A term is exactly one of the forms shown in [Score](../specs.md#table-and-score)."
        parts += ["## Terms", says, _keys(_walk(defs[term]))]
    return parts


def _keys(found: Iterable[Key]) -> str:
    head = ("key", "type", "needed", "default", "says", "example")
    return table(head, map(_row, found))


def _row(key: Key) -> Sequence[str]:
    says = key.schema
    default = _json(says["default"]) if "default" in says else ""
    example = _json(says["examples"][0]) if says.get("examples") else ""
    path = f"`{key.path}`"
    return path, _type(says), key.needed, default, says.get("description", ""), example


def _walk(schema: Schema, at: str = "") -> Iterator[Key]:
    """Every key below a schema; `NAME` stands for a name, `[]` for each item of a list."""
    choice = [key for option in schema.get("oneOf", ()) for key in option["required"]]
    needs = dict.fromkeys(schema.get("required", ()), "yes") | dict.fromkeys(choice, "one of these")
    for name, value in schema.get("properties", {}).items():
        key = Key(f"{at}.{name}" if at else name, value, needs.get(name, ""))
        yield key
        yield from _below(key)


def _below(key: Key) -> Iterator[Key]:
    items, named = key.schema.get("items"), key.schema.get("additionalProperties")
    yield from _walk(key.schema, key.path)
    if isinstance(items, dict):
        yield from _below(Key(f"{key.path}[]", items))
    if isinstance(named, dict):
        yield (inner := Key(f"{key.path}.NAME", named))
        yield from _below(inner)


def _type(schema: Schema) -> str:
    ref, told = str(schema.get("$ref", "")), schema.get("type", "any")
    if ref.startswith(CONDITION):
        return "[condition](../specs.md#conditions)"
    if ref.startswith(TERM):
        return "[term](#terms)"
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema["enum"])
    return " or ".join(_one(t, schema) for t in ([told] if isinstance(told, str) else told))


def _one(told: str, schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if told == "array" and isinstance(schema.get("items"), dict):
        inner = _type(schema["items"])
        return f"list of ({inner})" if " or " in inner else f"list of {inner}"
    if told == "string" and schema.get("pattern") == f"^{NAME}$":
        return "name"
    if told in ("number", "integer") and low is not None:
        span = f"at least {low}" if high is None else f"{low} to {high}"
        return f"{_TYPES.get(told, told)}, {span}"
    return _TYPES.get(told, told)


def _conditions() -> Iterator[tuple[str, str, str]]:
    """(kind, key, events known there) of every place of a condition."""
    for kind in KINDS.values():
        for name, schema in file_schema(kind)["$defs"].items():
            of_term = name.startswith("term-")
            for key in _walk(schema) if of_term or name == "spec" else ():
                if key.ref.startswith(CONDITION):
                    path = f"`{key.path}` of a term" if of_term else f"`{key.path}`"
                    yield kind.name, path, key.ref.removeprefix(CONDITION).replace("-", ", ")


def _facts() -> list[str]:
    known = (
        (f"`{f.name}`", f.type + ", many" * f.many, f.event, f.description, _json(f.example))
        for f in facts().values()
    )
    rows = (_row(Key(name, schema)) for name, schema in OPERATORS.items())
    operators = ((row[0], row[1], row[4], row[5]) for row in rows)
    return [
        "# Facts",
        "Everything that a [condition](../specs.md#conditions) may speak of, from"
        " `schemas/v1/facts.json`. The event is the moment from which a fact is known: `task` when"
        " the work is described, `score` with its complexity, `type` with its type.",
        table(("fact", "type", "event", "says", "example"), known),
        "## Where conditions stand",
        table(("kind", "key", "facts of these events"), _conditions()),
        "## Operators",
        table(("operator", "takes", "says", "example"), operators),
    ]


def _findings() -> list[str]:
    ranges = (inspect.getdoc(codes) or "").split("\n\n")[1].replace("\n", " ")
    rows = ((f"`{name}`", c.severity, c.title, c.help) for name, c in codes.CODES.items())
    return [
        "# Findings",
        f"What `rungbook check` can say: {ranges} An error keeps specs from being used, a warning"
        " does not.",
        table(("code", "severity", "what", "what to do"), rows),
    ]


def _errors() -> list[str]:
    kinds = sorted(errors.UserError.__subclasses__(), key=lambda kind: kind.code)
    return [
        "# Errors and exit statuses",
        "An error is a line on standard error, `rungbook: error[CODE]: what went wrong`, and one"
        " more that says what to do.",
        table(
            ("code", "exit status", "what"),
            ((f"`{k.code}`", str(k.status), _doc(k)) for k in kinds),
        ),
        "## Exit statuses",
        f"```text\n{cli.STATUSES}\n```",
        "What they mean for each command stands with the [commands](cli.md).",
    ]


def _outcomes() -> list[str]:
    parts = [
        "# Outcomes",
        "Each stream of records is a folder of the journal and a view of the database; how to ask"
        " them: [outcomes](../outcomes.md). Columns are only ever added.",
    ]
    for stream, record in records.STREAMS.items():
        rows = (
            (f"`{c.name}`", f"`{c.duck_type}`", c.doc) for c in records.columns(stream).values()
        )
        parts += [f"## {stream}", _doc(record), table(("column", "type", "says"), rows)]
    return parts


class _Heard(argparse.ArgumentParser):
    """Notes the arguments that a command declares."""

    def __init__(self) -> None:
        super().__init__(add_help=False)
        self.rows: list[tuple[str, str]] = []

    def add_argument(self, *names: str, **how: Any) -> Any:
        """As argparse's, and noted."""
        self.rows.append((f"`{_shown(names, how)}`", how.get("help", "")))
        return super().add_argument(*names, **how)


def _shown(names: Sequence[str], how: Mapping[str, Any]) -> str:
    """An argument as usage lines write it."""
    many = " …" if how.get("nargs") in ("+", "*") else ""
    if not names[0].startswith("-"):
        return str(how.get("metavar", names[0].upper())) + many
    if "action" in how:
        return ", ".join(names)
    value = "|".join(how.get("choices", ())) or how.get("metavar") or names[0].strip("-").upper()
    return f"{', '.join(names)} {value}{many}"


def _cli() -> list[str]:
    parts = [
        "# Commands",
        "`rungbook COMMAND --help` says the same. Every command can also end in an"
        " [error](errors.md), with its status.",
    ]
    for name, says in cli.COMMANDS.items():
        module, heard = import_module(f"rungbook.cli.{name}"), _Heard()
        module.configure(heard)
        status = _doc(module.run)
        parts += [
            f"## rungbook {name}",
            f"{says[0].upper()}{says[1:]}. Exit status: {status[0].lower()}{status[1:]}",
            table(("argument", "says"), heard.rows),
        ]
    return parts


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for path, text in rendered().items():
        path.write_text(text, "utf-8")
