"""Checks over specs that are built: what a matrix means to those it names. One a file."""

from collections.abc import Callable, Iterator
from typing import Any

from rungbook.compiler.build import Built
from rungbook.compiler.semantics import budgets, judges, references
from rungbook.compiler.semantics.scope import Scope
from rungbook.kinds import KINDS
from rungbook.rulebook.problem import Problem

Check = Callable[[Scope], Iterator[Problem]]

CHECKS: tuple[Check, ...] = (references.check, judges.check, budgets.check)

Names = tuple[tuple[str, frozenset[str]], ...]
"""Every name that was written, by kind."""


def meaning(
    matrix: Built,
    named: tuple[Built | None, ...],
    names: Names | None,
    judges: frozenset[str] | None,
) -> tuple[Problem, ...]:
    """What is wrong with a matrix beside the specs it names, None for one that is not built.

    `names` may be left out if none is missing, `judges` (all who can) if there are two.
    """
    found: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    for (kind, name), one in zip(matrix.names, named, strict=True):
        if one is not None:
            found[kind][name] = one.value
    scope = Scope(
        matrix=matrix.value,
        taxonomies=found["TaskTaxonomy"],
        models=found["Model"],
        validators=found["Validator"],
        names=dict(names or ((kind, frozenset(known)) for kind, known in found.items())),
        judges=judges,
    )
    return tuple(problem for check in CHECKS for problem in check(scope))
