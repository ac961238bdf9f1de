"""TaskTaxonomy: how hard a task is, of which type, and whether a small model may take it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rungbook.rulebook import schema as s
from rungbook.rulebook.problem import Problem
from rungbook.rulebook.scores import Score, rising, score, score_schema
from rungbook.rulebook.tables import Table, table, table_schema


@dataclass(frozen=True, slots=True)
class Band:
    """A named stretch of the score: what is below `lt` and above the band before it."""

    name: str
    lt: float | None = None


@dataclass(frozen=True, slots=True)
class TaskTaxonomy:
    """A complexity score, the types that follow, and what models up to 7B may take."""

    name: str
    complexity: Score
    bands: tuple[Band, ...]
    types: Table
    small_models: Table | None = None

    def type_names(self) -> tuple[str, ...]:
        """In the order of the table."""
        return tuple(row.use for row in self.types.rows)

    def band(self, complexity: float) -> str | None:
        """The first band the score is below."""
        return next((b.name for b in self.bands if b.lt is None or complexity < b.lt), None)


_BAND = s.mapping(
    "A band.",
    needs=("name",),
    name=s.name("What it is called.", "simple"),
    lt=s.number("The score is below this; the last band has none.", 3, None),
)

SCHEMA = s.mapping(
    "Task types, a complexity score with floors and ceilings, and what small models may take.",
    needs=("complexity", "types"),
    complexity=score_schema(
        "How hard a task is: a sum of terms, clamped.",
        ("task",),
        bands=s.items("Names for stretches of the score, lowest first.", _BAND, least=1),
    ),
    types=table_schema(
        "The types, as a Table: the first row that holds names the task's type.",
        s.name("The type.", "quick-edit"),
        "name",
        "task",
        "score",
    ),
    small_models=table_schema(
        "Whether a model of up to 7B parameters may take the task.",
        s.flag("true: it may; false: it may not.", default=False),
        "use",
        "task",
        "score",
        "type",
    ),
)


def build(name: str, body: Mapping[str, Any]) -> tuple[TaskTaxonomy, list[Problem]]:
    """The type of a checked body, and what the schema could not say against it."""
    complexity, problems = score(body["complexity"], ("complexity",), ("task",))
    types, wrong = table(body["types"], ("types",), ("task", "score"), use="name")
    problems += wrong
    small = None
    if "small_models" in body:
        small, wrong = table(body["small_models"], ("small_models",), ("task", "score", "type"))
        problems += wrong
    written = body["complexity"].get("bands", [])
    bands = tuple(Band(b["name"], b.get("lt")) for b in written)
    problems += _bands(written)
    return TaskTaxonomy(name, complexity, bands, types, small), problems


def _bands(bands: list[Mapping[str, Any]]) -> list[Problem]:
    """Bands rise, and only the last is open."""
    at = ("complexity", "bands")
    found = rising(bands, at, "band")
    if bands and "lt" in bands[-1]:
        message = "the last band must have no `lt`, so that every score falls into one"
        hint = "drop it, or add a band `{name: …}`"
        found.append(Problem("R207", (*at, len(bands) - 1, "lt"), message, hint, True))
    return found
