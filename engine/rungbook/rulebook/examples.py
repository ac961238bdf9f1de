"""Datasets that specs name: their rows, and the examples of tasks that a row may be."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from rungbook.rulebook.matchers import near
from rungbook.rulebook.problem import Problem, said

Split = Literal["train", "held-out"]
MAX_PROBLEMS = 10
"""Bad rows of one dataset that are told: the first few say what is wrong with all."""

SPLITS: tuple[Split, ...] = get_args(Split)


@dataclass(frozen=True, slots=True)
class Dataset:
    """The rows of a JSONL file, each with its line; `digest` is the sha256 of what they say."""

    name: str
    path: str
    digest: str
    rows: tuple[tuple[int, Mapping[str, Any]], ...] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Example:
    """A task whose type is known; `held-out` ones are not learned from."""

    text: str
    type: str
    split: Split = "train"


def examples(dataset: Dataset, types: Collection[str]) -> tuple[list[Example], list[Problem]]:
    """The examples of a dataset, and the rows that are none; of each mistake the first line."""
    found: list[Example] = []
    problems: dict[str, Problem] = {}
    for line, row in dataset.rows:
        wrong = list(_wrong(row, types))
        for told, hint in wrong:
            problem = Problem("R215", (), f"{dataset.path}:{line}: {told}", hint)
            problems.setdefault(told, problem)
        if not wrong:
            found.append(Example(row["text"], row["type"], row.get("split", "train")))
    return found, list(problems.values())[:MAX_PROBLEMS]


def _wrong(row: Mapping[str, Any], types: Collection[str]) -> Iterator[tuple[str, str]]:
    """(what is wrong with a row, what to do)."""
    text, kind, split = row.get("text"), row.get("type"), row.get("split", "train")
    if not isinstance(text, str) or not text.strip():
        yield "`text` must be the task's text", 'a row is {"text": …, "type": …, "split": …}'
    if not isinstance(kind, str) or kind not in types:
        hint = near(kind, types) if isinstance(kind, str) else ""
        yield f"there is no type {said(kind)}", hint or "there is: " + ", ".join(types)
    if split not in SPLITS:
        yield f"`split` must be {' or '.join(SPLITS)}, not {said(split)}", ""
