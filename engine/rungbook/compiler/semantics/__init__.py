"""Checks over specs that are built, one a file; each says (kind, name, problem)."""

from collections.abc import Callable, Iterator

from rungbook.compiler.semantics import budgets, judges, references
from rungbook.compiler.semantics.draft import Draft
from rungbook.rulebook.problem import Problem

Check = Callable[[Draft], Iterator[tuple[str, str, Problem]]]

CHECKS: tuple[Check, ...] = (references.check, judges.check, budgets.check)

__all__ = ["CHECKS", "Check", "Draft"]
