"""TaskTaxonomy: how hard a task is, of which type, and whether a small model may take it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rungbook.rulebook import schema as s
from rungbook.rulebook.examples import Dataset, Example, examples
from rungbook.rulebook.facts import Event
from rungbook.rulebook.likeness import Likeness
from rungbook.rulebook.problem import Problem
from rungbook.rulebook.scores import Score, rising, score, score_schema
from rungbook.rulebook.tables import Table, table, table_schema


@dataclass(frozen=True, slots=True)
class Band:
    """A named stretch of the score: what is below `lt` and above the band before it."""

    name: str
    lt: float | None = None


@dataclass(frozen=True)
class TaskTaxonomy:
    """A complexity score, the types that follow, and what models up to 7B may take.

    `examples`: tasks whose types are known, those held out among them.
    """

    name: str
    complexity: Score
    bands: tuple[Band, ...]
    types: Table
    small_models: Table | None = None
    examples: tuple[Example, ...] = ()

    @cached_property
    def likeness(self) -> Likeness | None:
        """What the examples teach, learned when it is first asked for; None without examples."""
        types = tuple(dict.fromkeys(self.type_names()))
        learned = any(e.split == "train" for e in self.examples)
        return Likeness(types, self.examples, self._terms) if learned else None

    def _terms(self, text: str) -> Iterable[str]:
        """The terms of the score that speak of a text while nobody knows what it is like."""
        return self.complexity.explain({"task.text": text})[1]

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
    examples=s.dataset("Tasks whose types are known: what a task is like is told by them."),
    complexity=score_schema(
        "How hard a task is: a sum of terms, clamped.",
        ("task", "like"),
        bands=s.items("Names for stretches of the score, lowest first.", _BAND, least=1),
    ),
    types=table_schema(
        "The types, as a Table: the first row that holds names the task's type.",
        s.name("The type.", "quick-edit"),
        "name",
        "task",
        "like",
        "score",
    ),
    small_models=table_schema(
        "Whether a model of up to 7B parameters may take the task.",
        s.flag("true: it may; false: it may not.", default=False),
        "use",
        "task",
        "like",
        "score",
        "type",
    ),
)


def build(name: str, body: Mapping[str, Any]) -> tuple[TaskTaxonomy, list[Problem]]:
    """The type of a checked body, and what the schema could not say against it.

    In the body stands the Dataset that `examples` names, if there is one of that name.
    """
    complexity, problems = score(body["complexity"], ("complexity",), ("task", "like"))
    types, wrong = table(body["types"], ("types",), ("task", "like", "score"), use="name")
    problems += wrong
    small = None
    if "small_models" in body:
        known: tuple[Event, ...] = ("task", "like", "score", "type")
        small, wrong = table(body["small_models"], ("small_models",), known)
        problems += wrong
    written = body["complexity"].get("bands", [])
    bands = tuple(Band(b["name"], b.get("lt")) for b in written)
    problems += _bands(written)
    problems += _expectations(body.get("tests", ()))
    learned: list[Example] = []
    if isinstance(dataset := body.get("examples"), Dataset):
        learned, wrong = examples(dataset, [row["name"] for row in body["types"]])
        problems += (p._replace(at=("examples",)) for p in wrong)
    return TaskTaxonomy(name, complexity, bands, types, small, tuple(learned)), problems


def _expectations(tests: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """A dataset has an accuracy and nothing else, a task has all but that."""
    for i, test in enumerate(tests):
        measured = "dataset" in test
        for key in test["expect"]:
            if (key == "accuracy") != measured:
                of = "a dataset" if measured else "one task"
                at = ("tests", i, "expect", key)
                hint = "a dataset has an `accuracy`, a task has what it is"
                yield Problem("R104", at, f"`{key}` means nothing of {of}", hint, True)


def _bands(bands: list[Mapping[str, Any]]) -> list[Problem]:
    """Bands rise, and only the last is open."""
    at = ("complexity", "bands")
    found = rising(bands, at, "band")
    if bands and "lt" in bands[-1]:
        message = "the last band must have no `lt`, so that every score falls into one"
        hint = "drop it, or add a band `{name: …}`"
        found.append(Problem("R207", (*at, len(bands) - 1, "lt"), message, hint, True))
    return found
