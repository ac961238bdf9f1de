"""A budget must let every rung be tried once, whatever the rungs above it use."""

from collections.abc import Iterator, Mapping

from rungbook.compiler.semantics.scope import Scope
from rungbook.rulebook.matrix import Ladder, Rung
from rungbook.rulebook.model import Model
from rungbook.rulebook.problem import Problem


def check(scope: Scope) -> Iterator[Problem]:
    """Rungs of which one round takes more than a whole task, or a whole day, may have."""
    for key, ladder in scope.matrix.ladders.items():
        for i, rung in enumerate(ladder.rungs):
            if told := _forbidden(scope.models, ladder, rung) or _rarely(ladder, i):
                code, message, hint = told
                yield Problem(code, ("ladders", key, "rungs", i, "name"), message, hint)


def _forbidden(
    models: Mapping[str, Model], ladder: Ladder, rung: Rung
) -> tuple[str, str, str] | None:
    """(code, message, hint) for a rung that no run can ever enter."""
    budget, lanes = ladder.budget, len(rung.models)
    if budget.attempts is not None and lanes > budget.attempts:
        message = (
            f"one round of `{rung.name}` is {lanes} attempts, and a task has {budget.attempts}"
        )
        return "R205", message, f"raise `budget.per_task.attempts` to {lanes} or more"
    least = sum(models[m].bound_usd(0) for m in rung.models if m in models)
    for limit, per in ((budget.usd, "task"), (budget.usd_day, "day")):
        if limit is not None and least > limit:
            message = f"one round of `{rung.name}` may cost ${least:g}, and a {per} ${limit:g}"
            lower = "lower its model's `input_tokens` or `output_tokens`"
            return "R205", message, f"raise `budget.per_{per}.usd`, or {lower}"
    return None


def _rarely(ladder: Ladder, i: int) -> tuple[str, str, str] | None:
    """(code, message, hint) for a rung that is reached only if one above is left before its end."""
    limit, rung = ladder.budget.attempts, ladder.rungs[i]
    if limit is None:
        return None
    used = sum(above.attempts * len(above.models) for above in ladder.rungs[:i])
    needs = used + len(rung.models)
    if needs <= limit:
        return None
    message = f"`{rung.name}` is reached only if a rung above is left early: {used} attempts"
    hint = f"raise `budget.per_task.attempts` to {needs}, or lower those above"
    return "R212", f"{message} may be used before it, of {limit}", hint
