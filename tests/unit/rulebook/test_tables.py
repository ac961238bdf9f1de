"""A Table answers with its first row that holds."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rungbook.rulebook.matchers import matcher
from rungbook.rulebook.tables import table

conditions = st.fixed_dictionaries(
    {},
    optional={
        "task.files": st.one_of(
            st.integers(0, 4),
            st.fixed_dictionaries(
                {}, optional={"lt": st.integers(0, 4), "gte": st.integers(0, 4)}
            ).filter(bool),
        ),
        "task.kind": st.one_of(st.sampled_from("ab"), st.lists(st.sampled_from("ab"), min_size=1)),
    },
).filter(bool)
facts = st.fixed_dictionaries(
    {}, optional={"task.files": st.integers(0, 5), "task.kind": st.sampled_from("abc")}
)


def compiled(rows: list[dict[str, Any]]) -> Any:
    return table(rows, (), ("task",))


@given(st.lists(conditions, max_size=5), st.lists(facts, min_size=1, max_size=8))
def test_the_first_row_that_holds_is_used(whens: list[Any], worlds: list[Any]) -> None:
    rows = [{"when": when, "use": i} for i, when in enumerate(whens)] + [{"use": len(whens)}]
    built, problems = compiled(rows)
    tests = [matcher(when, (), ("task",))[0].holds for when in whens] + [lambda _: True]
    for world in worlds:
        i, use = built.find(world)
        assert use == i == next(j for j, test in enumerate(tests) if test(world))
        assert i not in {p.at[0] for p in problems}, "a row that is reached is called unreachable"


def test_rows_that_differ_are_fine() -> None:
    assert compiled([{"when": {"task.files": 1}, "use": 0}, {"use": 0}])[1] == []


def test_every_row_after_an_open_one_is_out_of_reach_and_told_once() -> None:
    _, problems = compiled([{"use": 0}, {"use": 1}, {"use": 2}])
    assert [(p.code, p.at) for p in problems] == [("R204", (1,))]
