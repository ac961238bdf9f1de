"""What a task's text says of files."""

import time
from pathlib import Path

import pytest

from fakes.projects import written
from rungbook.errors import NotFound
from rungbook.runtime.describe import describe, given, language


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    files = {
        "a.py": "x" * 40,
        "src/pkg/b.py": "",
        "web/c.ts": "",
        ".hidden.toml": "",
        "Makefile": "",
    }
    written(tmp_path, {"outside.py": ""})
    return written(tmp_path / "repo", files)


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("Fix a.py.", ["a.py"]),
        (
            "Fix (./src/pkg/b.py:12) and `web/c.ts`, then a.py again: a.py",
            ["a.py", "src/pkg/b.py", "web/c.ts"],
        ),
        ("Look at .hidden.toml", [".hidden.toml"]),
        ("Makefile and src/pkg are no paths of files, nor is b.py", []),
        ("../outside.py /etc/passwd \0.py a.py/b", []),
    ],
)
def test_files_that_are_named(text: str, files: list[str], repo: Path) -> None:
    assert list(describe(text, repo).files) == files


def test_files_that_are_given(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person writes them as seen from the project, from where they are, or from the root."""
    monkeypatch.chdir(repo / "src")
    (repo / "link").symlink_to("src")
    names = ["a.py", "./src/../a.py", str(repo / "a.py"), "../a.py", "pkg/b.py", "link/pkg/b.py"]
    assert list(given(names, repo)) == ["a.py"] * 4 + ["src/pkg/b.py"] * 2


@pytest.mark.parametrize(
    "name", ["b.py", "src", "../outside.py", "out.py", "", "a.py\0", "x" * 9999]
)
def test_only_files_of_the_project_can_be_given(name: str, repo: Path) -> None:
    (repo / "out.py").symlink_to("../outside.py")
    with pytest.raises(NotFound, match="there is no file"):
        list(given([name], repo))


def test_facts(repo: Path) -> None:
    seen = describe("Fix a.py and src/pkg/b.py, web/c.ts", repo)
    assert (seen.language, seen.facts["task.files"]) == ("python", 3)
    assert seen.tokens == (len(seen.text) + 40) // 4
    bare = describe("Fix a.py", None, ["given.go"])
    assert (bare.files, bare.language) == (("given.go",), "go")
    assert "task.language" not in describe("Fix it", repo).facts
    assert language("A.PY") == "python"


@pytest.mark.parametrize("text", ["x" * 200_000, "a/" * 100_000, "a." * 100_000, "-" * 200_000])
def test_long_texts_take_no_time(text: str, repo: Path) -> None:
    began = time.monotonic()
    assert describe(text, repo).files == ()
    assert time.monotonic() - began < 2
