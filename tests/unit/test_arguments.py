"""Argument lists: placeholders, batches, and what must not become an option."""

import pytest

from rungbook.arguments import MOST_BYTES, TooLong, filled


def test_words_are_filled_once_and_unknown_braces_stay() -> None:
    template = ("agent", "-p", "{task}", '{"a": 1}', "{other}")
    (argv,) = filled(template, {"task": "use {other} {files}", "files": "no"})
    assert argv == ("agent", "-p", "use {other} {files}", '{"a": 1}', "{other}")


def test_what_is_filled_in_is_never_an_option() -> None:
    (argv,) = filled(("x", "{task}", "{files}"), {"task": "--danger\0"}, ("-rf", "a.py"))
    assert argv == ("x", " --danger", "./-rf", "a.py")


def test_files_are_split_into_calls_that_fit() -> None:
    files = [f"{'d' * 100}/{n}.py" for n in range(5000)]
    calls = list(filled(("lint", "{files}", "--end"), {}, files))
    assert len(calls) > 1
    assert [f for call in calls for f in call[1:-1]] == files
    assert all(sum(len(a) + 1 for a in call) <= MOST_BYTES for call in calls)
    assert {call[-1] for call in calls} == {"--end"}


def test_what_does_not_fit_says_so() -> None:
    with pytest.raises(TooLong):
        list(filled(("x", "{task}"), {"task": "y" * 200_000}))
    with pytest.raises(TooLong):
        list(filled(("x", "{files}"), {}, ["y" * 200_000]))


def test_without_the_placeholder_files_are_left_out() -> None:
    assert list(filled(("make", "test"), {}, ("a.py",))) == [("make", "test")]
    assert list(filled(("x", "{files}"), {})) == [("x",)]
