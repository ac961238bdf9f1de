"""Every name a spec speaks of must exist."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from rungbook.compiler.semantics.draft import Draft
from rungbook.findings import Pointer
from rungbook.rulebook.matrix import CHECKERS, EscalationMatrix, Ladder
from rungbook.rulebook.problem import Problem


def check(draft: Draft) -> Iterator[tuple[str, str, Problem]]:
    """Dangling taxonomies, models, validators and checkers; ladders of types that do not exist."""
    for name, matrix in draft.rulebook.matrices.items():
        for problem in _matrix(draft, matrix):
            yield "EscalationMatrix", name, problem
    for name, matrix, ladder, at in draft.ladders():
        for problem in (*_rungs(draft, ladder, at), *_verify(draft, ladder, at)):
            yield "EscalationMatrix", name, problem
        for problem in _checker(draft, matrix, ladder, at):
            yield "EscalationMatrix", name, problem


def _matrix(draft: Draft, matrix: EscalationMatrix) -> Iterator[Problem]:
    yield from unknown("TaskTaxonomy", matrix.taxonomy, draft.of("TaskTaxonomy"), ("taxonomy",))
    taxonomy = draft.rulebook.taxonomies.get(matrix.taxonomy)
    if taxonomy is None:
        return
    types = taxonomy.type_names()
    for key in matrix.ladders:
        yield from unknown("task type", key, types, ("ladders", key), key=True)
    if lacks := [t for t in dict.fromkeys(types) if t not in matrix.ladders]:
        message = f"no ladder for {', '.join(f'`{t}`' for t in lacks)}: such tasks cannot run"
        yield Problem("R211", ("ladders",), message, f"add one, or drop the type from {matrix.taxonomy}", True)


def _rungs(draft: Draft, ladder: Ladder, at: Pointer) -> Iterator[Problem]:
    models = draft.of("Model")
    for i, rung in enumerate(ladder.rungs):
        for j, model in enumerate(rung.models):
            place: Pointer = ("race", j) if len(rung.models) > 1 else ("model",)
            yield from unknown("Model", model, models, (*at, "rungs", i, *place))


def _verify(draft: Draft, ladder: Ladder, at: Pointer) -> Iterator[Problem]:
    for i, group in enumerate(ladder.verify):
        for j, validator in enumerate(group):
            place: Pointer = (*at, "verify", i, *((j,) if len(group) > 1 else ()))
            yield from unknown("Validator", validator, draft.of("Validator"), place)


def _checker(
    draft: Draft, matrix: EscalationMatrix, ladder: Ladder, at: Pointer
) -> Iterator[Problem]:
    """A checker is one of three words or a Model; the same finding of `common` is told once."""
    for i, row in enumerate(ladder.checker.rows):
        if row.use in CHECKERS or row.use in draft.of("Model"):
            continue
        one = len(ladder.checker.rows) == 1
        shared = all(other.checker is ladder.checker for other in matrix.ladders.values())
        base: Pointer = ("common",) if shared else at
        place = (*base, "checker", *(() if one else (i, "use")))
        known = [*CHECKERS, *draft.of("Model")]
        yield from unknown("checker or Model", row.use, known, place)


def unknown(
    what: str, name: str, known: Collection[str], at: Pointer, *, key: bool = False
) -> Iterator[Problem]:
    """The problem of a name that is not among the known ones."""
    if name in known:
        return
    near = get_close_matches(name, list(known), 1, 0.6)
    hint = f"did you mean `{near[0]}`?" if near else "there is: " + ", ".join(sorted(known)[:8])
    yield Problem("R201", at, f"there is no {what} `{name}`", hint, key)
