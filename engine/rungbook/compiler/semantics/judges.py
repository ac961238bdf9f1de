"""Someone other than the worker must be there to judge its work."""

from collections.abc import Iterator

from rungbook.compiler.semantics.scope import Scope
from rungbook.findings import Pointer
from rungbook.rulebook.matrix import Ladder
from rungbook.rulebook.problem import Problem


def check(scope: Scope) -> Iterator[Problem]:
    """Judges that are never asked, and models that only they themselves could judge."""
    for key, ladder in scope.matrix.ladders.items():
        yield from _judges(scope, ladder, ("ladders", key))


def _judges(scope: Scope, ladder: Ladder, at: Pointer) -> Iterator[Problem]:
    validators, models = scope.validators, scope.models
    judges = (
        (i, j)
        for i, group in enumerate(ladder.verify)
        for j, name in enumerate(group)
        if name in validators and validators[name].is_judge
    )
    first = next(judges, None)
    if first is None:
        return
    if all(row.use == "none" for row in ladder.checker.rows):
        message = f"`{ladder.verify[first[0]][first[1]]}` is never asked: `checker` names nobody"
        yield Problem("R210", (*at, "verify", *first), message, "`checker: next-tier`, say")
        return
    if scope.judges is None:
        return
    for i, rung in enumerate(ladder.rungs):
        for name in rung.models:
            if name in models and not scope.judges - {name}:
                message = f"nobody but `{name}` itself could judge its work"
                place = (*at, "rungs", i, "name")
                yield Problem("R210", place, message, "add a Model with a `provider`")
