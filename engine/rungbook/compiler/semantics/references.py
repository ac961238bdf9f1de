"""Every name a spec speaks of must exist."""

from collections.abc import Collection, Iterator

from rungbook.compiler.semantics.scope import Scope
from rungbook.findings import Pointer
from rungbook.rulebook.matchers import near
from rungbook.rulebook.matrix import CHECKERS, EscalationMatrix, Ladder
from rungbook.rulebook.problem import Problem
from rungbook.rulebook.tables import Table


def check(scope: Scope) -> Iterator[Problem]:
    """Dangling taxonomies, models, validators and checkers; ladders of types that do not exist."""
    matrix = scope.matrix
    yield from _matrix(scope, matrix)
    yield from _checker(scope, matrix.checker, ("common",))
    for key, ladder in matrix.ladders.items():
        at = ("ladders", key)
        yield from _rungs(scope, ladder, at)
        yield from _verify(scope, ladder, at)
        if ladder.checker is not matrix.checker:
            yield from _checker(scope, ladder.checker, at)


def _matrix(scope: Scope, matrix: EscalationMatrix) -> Iterator[Problem]:
    yield from _unknown("TaskTaxonomy", matrix.taxonomy, scope, ("taxonomy",))
    taxonomy = scope.taxonomies.get(matrix.taxonomy)
    if taxonomy is None:
        return
    types = dict.fromkeys(taxonomy.type_names())
    strangers = [key for key in matrix.ladders if key not in types]
    lacks = [name for name in types if name not in matrix.ladders]
    for key in strangers:
        hint = near(key, lacks) or _there(types)
        yield Problem("R201", ("ladders", key), f"there is no task type `{key}`", hint, True)
    meant = {name for name in lacks if any(f"`{name}`" in near(key, lacks) for key in strangers)}
    if left := [f"`{name}`" for name in lacks if name not in meant]:
        message = f"no ladder for {', '.join(left)}: such tasks cannot run"
        hint = f"add one, or drop the type from {matrix.taxonomy}"
        yield Problem("R211", ("ladders",), message, hint, True)


def _rungs(scope: Scope, ladder: Ladder, at: Pointer) -> Iterator[Problem]:
    for i, rung in enumerate(ladder.rungs):
        for j, model in enumerate(rung.models):
            place: Pointer = ("race", j) if len(rung.models) > 1 else ("model",)
            yield from _unknown("Model", model, scope, (*at, "rungs", i, *place))


def _verify(scope: Scope, ladder: Ladder, at: Pointer) -> Iterator[Problem]:
    for i, group in enumerate(ladder.verify):
        for j, name in enumerate(group):
            yield from _unknown("Validator", name, scope, (*at, "verify", i, j))


def _checker(scope: Scope, checker: Table, at: Pointer) -> Iterator[Problem]:
    """A checker is one of three words, or a Model that can judge."""
    for i, row in enumerate(checker.rows):
        place = (*at, "checker", i, "use")
        yield from _unknown("Model", row.use, scope, place, CHECKERS)
        model = scope.models.get(row.use)
        if model and not model.can_judge:
            hint = "a checker is a Model with a `provider`"
            yield Problem("R210", place, f"`{row.use}` is a command: it judges nothing", hint)


def _unknown(
    kind: str, name: str, scope: Scope, at: Pointer, words: Collection[str] = ()
) -> Iterator[Problem]:
    """The problem of a name that no spec of the kind has, and that is none of the words.

    A place that leads into a text is the place of the text: `[[a, b], c]` and `[c]` need not be
    told apart.
    """
    if name not in scope.names[kind] and name not in words:
        known = [*words, *sorted(scope.names[kind])]
        hint = near(name, known) or _there(known)
        yield Problem("R201", at, f"there is no {kind} `{name}`", hint)


def _there(known: Collection[str]) -> str:
    return f"there is: {', '.join(list(known)[:8])}" if known else "there is none at all"
