"""Rungs that no run can come to, checks that nobody can make."""

from collections.abc import Iterator

from rungbook.compiler.semantics.draft import Draft
from rungbook.findings import Pointer
from rungbook.rulebook.matrix import Ladder
from rungbook.rulebook.problem import Problem


def check(draft: Draft) -> Iterator[tuple[str, str, Problem]]:
    """A rung behind the last attempt the budget allows; a judge without anyone to be it."""
    for name, _, ladder, at in draft.ladders():
        for problem in (*_attempts(ladder, at), *_judges(draft, ladder, at)):
            yield "EscalationMatrix", name, problem


def _attempts(ladder: Ladder, at: Pointer) -> Iterator[Problem]:
    """Rungs before it can use up every attempt, so the rung is reached only by luck: never if
    each of those before it fails as often as it may."""
    limit = ladder.budget.attempts
    used = 0
    for i, rung in enumerate(ladder.rungs):
        if limit is not None and used + len(rung.models) > limit:
            message = (
                f"rung `{rung.name}` is out of reach: {used} attempts may be used before it, "
                f"and the budget is {limit}"
            )
            hint = f"raise `attempts` to {used + len(rung.models)}, or lower those of a rung above"
            yield Problem("R204", (*at, "rungs", i), message, hint)
            return
        used += rung.attempts * len(rung.models)


def _judges(draft: Draft, ladder: Ladder, at: Pointer) -> Iterator[Problem]:
    """Someone else must be there to judge each model's work."""
    validators, models = draft.rulebook.validators, draft.rulebook.models
    if not any(v in validators and validators[v].is_judge for g in ladder.verify for v in g):
        return
    if all(row.use == "none" for row in ladder.checker.rows):
        message = "a judge is asked here, and `checker` names nobody"
        yield Problem("R210", (*at, "verify"), message, "`checker: next-tier`, say", True)
        return
    able = {m.name for m in models.values() if m.tier is not None}
    for i, rung in enumerate(ladder.rungs):
        if any(not able - {name} for name in rung.models if name in models):
            message = f"nobody but `{rung.models[0]}` itself could judge its work"
            yield Problem("R210", (*at, "rungs", i), message, "add a Model of another family")
