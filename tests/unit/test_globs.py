import time

import pytest

from rungbook.globs import BadGlob, matches_any

YES = [
    ("tests/**", "tests/a/b.py"),
    ("tests/**", "tests/a.py"),
    ("tests", "tests/a/b.py"),
    ("tests", "src/tests/a.py"),
    ("tests/", "src/tests/a.py"),
    ("/tests", "tests/a.py"),
    ("**/conftest.py", "conftest.py"),
    ("**/conftest.py", "a/b/conftest.py"),
    ("conftest.py", "a/b/conftest.py"),
    ("*.py", "a/b/c.py"),
    ("src/*.py", "src/a.py"),
    ("src/*", "src/a/b"),
    ("src/**/x/*.py", "src/x/a.py"),
    ("src/**/x/*.py", "src/a/b/x/a.py"),
    ("a/**/b/**/c", "a/b/b/x/c"),
    ("{tests,spec}/**/*.{js,ts}", "spec/a/b.ts"),
    ("{a,b{c,d}}.py", "bd.py"),
    ("test_?.py", "test_a.py"),
    ("[a-c]*.py", "b.py"),
    ("[!a]*.py", "b.py"),
    ("[]a].py", "].py"),
    (r"a\*b", "a*b"),
    (r"\{a,b\}", "{a,b}"),
    ("a*b*c", "aXbXbXc"),
    ("*a*", "xax"),
    ("{a", "{a"),
    ("a{,b}", "ab"),
    ("**", "any/thing"),
    ("*.egg-info", "x.egg-info/PKG"),
    ("**/a/b", "a/c/a/b"),
    ("a/b/**/b/*.c", "a/b/q/b/x/b/z.c"),
]
NO = [
    ("tests/**", "tests"),
    ("tests/**", "src/tests/a.py"),
    ("tests/", "tests"),
    ("/tests", "src/tests/a.py"),
    ("test", "tests/a.py"),
    ("src/*.py", "src/a/b.py"),
    ("src/*.py", "lib/src/a.py"),
    ("a?b", "a/b"),
    ("[!a].py", "a.py"),
    ("a[!x]b", "a/b"),
    ("*.py", "a.pyc"),
    ("{a,b}.py", "c.py"),
    ("a*b*c", "aXbXd"),
    ("conftest.py", "my-conftest.py"),
    ("[b-a]", "a"),
]


@pytest.mark.parametrize(("glob", "path"), YES)
def test_matches(glob: str, path: str) -> None:
    assert matches_any(path, ["never-this", glob])


@pytest.mark.parametrize(("glob", "path"), NO)
def test_does_not_match(glob: str, path: str) -> None:
    assert not matches_any(path, [glob])


def test_no_glob_matches_nothing() -> None:
    assert not matches_any("a", [])


@pytest.mark.parametrize("glob", ["*a" * 40 + "b", "**/a/" * 40 + "b", "{a,b}/**/" * 6 + "x"])
def test_hostile_globs_stay_quick(glob: str) -> None:
    began = time.monotonic()
    matches_any("a" * 3000 + "/" + "a/" * 1500, [glob])
    assert time.monotonic() - began < 2


def test_too_many_choices_are_refused() -> None:
    with pytest.raises(BadGlob):
        matches_any("a", ["{a,b}" * 30])
