"""What stands, or must not stand, in the text of changed files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import anyio
import pytest

from fakes.projects import box, written
from rungbook.checks import files, scan
from rungbook.interpret.validate import judge
from rungbook.process import Limits
from rungbook.rulebook.observation import Observed
from rungbook.rulebook.validator import Regex, Validator

NO_PRINT = Regex(lacks=r"(?m)^\s*print\(")
HEAD = Regex(finds=r"\A# Copyright \d{4}", files=("src/**/*.py",))


def observe(check: Regex, tree: Path, paths: Sequence[str]) -> Observed:
    return anyio.run(files.observe, check, box(tree), Limits(seconds=20), paths)


def seen(check: Regex, tree: Path, contents: Mapping[str, str]) -> Observed:
    return observe(check, written(tree, contents), sorted(contents))


def test_each_hit_is_told_by_its_line(tmp_path: Path) -> None:
    texts = {"a.py": "x = 1\nprint(x); print(x)\n  print('é')\r\n", "b.py": "y = 1\n"}
    found = seen(NO_PRINT, tmp_path, texts)
    assert found.observation.status == 1
    assert found.excerpt.splitlines() == ["a.py:2: print(x); print(x)", "a.py:3: print('é')"]


def test_only_the_first_hits_are_told(tmp_path: Path) -> None:
    told = seen(NO_PRINT, tmp_path, {"a.py": "print()\n" * 500, "b.py": "print()\n"})
    lines = told.excerpt.splitlines()
    assert len(lines) == scan.MOST_LINES + 1
    assert lines[-2:] == [f"a.py:{scan.MOST_LINES}: print()", "and more"]


def test_every_file_that_the_globs_name_must_have_it(tmp_path: Path) -> None:
    texts = {"src/a.py": "# Copyright 2024 us\n", "src/b.py": "x\n", "other.py": "x\n"}
    found = seen(HEAD, tmp_path, texts)
    assert (found.observation.status, found.excerpt) == (1, "src/b.py: nothing in it")
    assert observe(HEAD, tmp_path, ["src/a.py", "other.py"]).observation.status == 0


def test_what_is_no_text_or_not_there_does_not_count(tmp_path: Path) -> None:
    written(tmp_path, {"elsewhere.py": "print()\n", "folder/a": ""})
    (tmp_path / "image").write_bytes(b"\x89PNG\0\0print(")
    (tmp_path / "link.py").symlink_to(tmp_path / "elsewhere.py")
    paths = ["image", "link.py", "gone.py", "folder"]
    assert not observe(NO_PRINT, tmp_path, paths).observation.applies
    assert not observe(NO_PRINT, tmp_path, []).observation.applies


def test_text_need_not_be_utf_8(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"caf\xe9 \xff\nprint(\xfe)\n")
    assert observe(NO_PRINT, tmp_path, ["a.txt"]).excerpt.startswith("a.txt:2: print(")


def test_the_whole_file_is_searched_and_no_larger_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = "x\n" * 400_000 + "print(1)\n"
    assert seen(NO_PRINT, tmp_path, {"a.py": late}).excerpt == "a.py:400001: print(1)"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(scan, "MOST_BYTES", 100)
    counted, wrong = scan.look_into(["a.py"], lambda path, content: ())
    assert counted == 1
    assert wrong == ["a.py: it cannot be read, or has more than 100 bytes"]


def test_patterns_run_in_linear_time(tmp_path: Path) -> None:
    hard = Regex(lacks="(a+)+$")
    assert seen(hard, tmp_path, {"a.txt": "a" * 200_000 + "b"}).observation.status == 0


def test_odd_names_reach_the_child_as_they_are(tmp_path: Path) -> None:
    name = "a\n b\udcff.py"
    (tmp_path / name).write_text("print()\n")
    found = observe(NO_PRINT, tmp_path, [name])
    assert found.observation.status == 1
    assert found.excerpt == r"a b\udcff.py:1: print()"


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ({"a.py": "print()\n"}, {"a.py": "x\n"}, "pass"),
        ({"a.py": "y\n"}, {"a.py": "x\n"}, "unproved"),
        ({}, {"a.py": "x\n"}, "unproved"),
        ({"a.py": "y\n"}, {"a.py": "print()\n"}, "fail"),
        ({"a.py": "print()\n"}, {"a.py": "print()\n"}, "fail"),
        ({"a.py": "print()\n"}, {}, "not-applicable"),
    ],
)
def test_verdicts(
    tmp_path: Path, before: dict[str, str], after: dict[str, str], verdict: str
) -> None:
    changed = sorted({*before, *after})
    trees = [(tmp_path / "after", after), (tmp_path / "before", before)]
    both = []
    for tree, contents in trees:
        tree.mkdir()
        both.append(observe(NO_PRINT, written(tree, contents), changed).observation)
    judged = judge(Validator("v", NO_PRINT), *both)
    assert judged.verdict == verdict


def test_a_mistake_of_ours_is_nobodys_failure(tmp_path: Path) -> None:
    broken = seen(Regex(lacks="("), tmp_path, {"a.py": "x\n"})
    judged = judge(Validator("v", NO_PRINT), broken.observation, None)
    assert (judged.verdict, judged.reason) == ("error", "the files could not be looked into")
    assert "BadPattern" in broken.excerpt
