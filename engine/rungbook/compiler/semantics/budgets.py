"""A budget must let every rung be tried once."""

from collections.abc import Iterator

from rungbook.compiler.semantics.draft import Draft
from rungbook.findings import Pointer
from rungbook.rulebook.matrix import Ladder
from rungbook.rulebook.problem import Problem
from rungbook.rulebook.snapshot import Rulebook


def check(draft: Draft) -> Iterator[tuple[str, str, Problem]]:
    """Rungs whose cheapest round is dearer than a whole task, or a whole day, may be."""
    for name, _, ladder, at in draft.ladders():
        for problem in _ladder(draft.rulebook, ladder, at):
            yield "EscalationMatrix", name, problem


def _ladder(rulebook: Rulebook, ladder: Ladder, at: Pointer) -> Iterator[Problem]:
    for i, rung in enumerate(ladder.rungs):
        least = sum(rulebook.models[m].bound_usd(0) for m in rung.models if m in rulebook.models)
        for limit, per in ((ladder.budget.usd, "task"), (ladder.budget.usd_day, "day")):
            if limit is not None and least > limit:
                message = (
                    f"the budget forbids its own rung: `{rung.name}` may cost ${least:g} "
                    f"a round, and a {per} ${limit:g}"
                )
                hint = f"raise `budget.per_{per}.usd`, or lower the model's `output_tokens`"
                yield Problem("R205", (*at, "rungs", i), message, hint)
                break
