"""A model's answer carried out in a tree: what is taken, what is not and why, all or nothing."""

import os
from pathlib import Path

import pytest

from fakes.repos import snapshot
from rungbook.workspace.blocks import MAX_BLOCKS
from rungbook.workspace.edits import MAX_REASONS, edit
from rungbook.workspace.splice import MAX_BYTES

CALC = "def add(a, b):\n    return a - b\n\n\ndef sub(a, b):\n    return a - b\n"
FIXED = CALC.replace("a - b", "a + b", 1)


def search(old: str, new: str, path: str = "", signs: int = 7) -> str:
    """A block, with its path above it if there is one."""
    begin, middle, end = (sign * signs for sign in "<=>")
    above = f"{path}\n" if path else ""
    return f"{above}{begin} SEARCH\n{old}{middle}\n{new}{end} REPLACE\n"


FIX = search("def add(a, b):\n    return a - b\n", "def add(a, b):\n    return a + b\n")
WHOLE = "<<<<<<< WHOLE\nnew\n>>>>>>> WHOLE\n"
DELETE = "<<<<<<< DELETE\n>>>>>>> DELETE\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with one file in it."""
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/calc.py").write_text(CALC)
    return tmp_path / "tree"


def after(tree: Path, answer: str, path: str = "calc.py") -> str:
    """A file's text after an answer that is carried out."""
    assert edit(tree, answer) == ()
    return (tree / path).read_bytes().decode()


def refused(tree: Path, answer: str, *frozen: str) -> str:
    """The only reason why an answer is not carried out; the tree is as it was."""
    before = snapshot(tree)
    (reason,) = edit(tree, answer, frozen)
    assert snapshot(tree) == before
    return reason


@pytest.mark.parametrize(
    "answer",
    [
        f"calc.py\n{FIX}",
        f"I add them.\n\ncalc.py\n```python\n{FIX}```\nThat is all.\n",
        f"```\ncalc.py\n{FIX}```",
        f"### File: `calc.py`\n\n~~~py\n{FIX}~~~",
        f"**calc.py**:\n{FIX}",
        f"1. ./calc.py\n{FIX}".rstrip(),
        f"calc.py\n{FIX}".replace("\n", "\r\n"),
        f"<think>calc.py\n{DELETE}</think>\ncalc.py\n{FIX}",
        f"calc.py\n{FIX}\ncalc.py\n{FIX}",
        search(
            "def add(a, b):\n    return a - b  \n",
            "def add(a, b):\n    return a + b\n",
            path="calc.py",
        ),
    ],
    ids=[
        "plain",
        "prose",
        "fenced path",
        "heading",
        "bold",
        "list",
        "crlf",
        "thoughts",
        "twice",
        "spaces",
    ],
)
def test_what_models_put_around_a_block(tree: Path, answer: str) -> None:
    assert after(tree, answer) == FIXED


def test_blocks_of_one_file_share_a_path_and_no_order(tree: Path) -> None:
    last = search("def sub(a, b):\n", "def minus(a, b):\n")
    assert after(tree, f"calc.py\n```\n{last}```\n\n```\n{FIX}```") == FIXED.replace("sub", "minus")


def test_lines_around_a_change_stay_as_they_are(tree: Path) -> None:
    (tree / "mixed").write_bytes(b"\xef\xbb\xbfa  \r\nb\nc\t\nd\r\ne")
    answer = search("a\nb\nc\n", "a\nB\nB\nc\n", path="mixed") + search("e\n", "e\nf\n")
    assert edit(tree, answer) == ()
    expected = b"\xef\xbb\xbfa  \r\nB\r\nB\r\nc\t\nd\r\ne\r\nf"
    assert (tree / "mixed").read_bytes() == expected


def test_an_indentation_that_is_off_by_the_same_everywhere(tree: Path) -> None:
    (tree / "a.py").write_text("class A:\n    def f(self):\n\n        return 1\n")
    old, new = "def f(self):\n\n    return 1\n", "def f(self):\n\n    x = 2\n    return x\n"
    expected = "class A:\n    def f(self):\n\n        x = 2\n        return x\n"
    assert after(tree, search(old, new, path="a.py"), "a.py") == expected
    deeper = search("        class A:\n", "        class B:\n", path="a.py")
    assert after(tree, deeper, "a.py") == expected.replace("A", "B")
    uneven = search("class B:\n  def f(self):\n", "x\n")
    assert "its line 2 is `    def f(self):`" in refused(tree, f"a.py\n{uneven}")


def test_marks_of_another_length_are_text(tree: Path) -> None:
    (tree / "doc.rst").write_text("Title\n=======\n\n<<<<<<< SEARCH\n")
    seven = search("Title\n=======\n", "Name\n=======\n", path="doc.rst")
    assert "if one is text, write its three marks with 9 signs" in refused(tree, seven)
    nine = search("Title\n=======\n\n<<<<<<< SEARCH\n", "Name\n=======\n", signs=9, path="doc.rst")
    assert after(tree, nine, "doc.rst") == "Name\n=======\n"


def test_files_that_are_new_whole_or_gone(tree: Path) -> None:
    (tree / "old").mkdir()
    (tree / "old/gone.bin").write_bytes(b"\0")
    (tree / "calc.py").chmod(0o750)
    answer = (
        search("", "", path="pkg/__init__.py")
        + search("", "x = 1\n", path="pkg/new.py")
        + f"made.txt\n{WHOLE}calc.py\n{WHOLE}old/gone.bin\n{DELETE}"
    )
    assert edit(tree, answer) == ()
    assert snapshot(tree) == {
        "calc.py": b"new\n",
        "made.txt": b"new\n",
        "pkg/__init__.py": b"",
        "pkg/new.py": b"x = 1\n",
    }
    assert (tree / "calc.py").stat().st_mode & 0o777 == 0o750
    assert not (tree / "old").exists()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", "the answer has no edit block"),
        ("Nothing is to be done.", "the answer has no edit block"),
        ("calc.py\n```python\nx = 1\n```", "the answer has no edit block"),
        (f"<think>calc.py\n{FIX}", "the answer has no edit block"),
        (FIX, "block 1 has no path in the line above it"),
        (f"{'x' * 600}\n{FIX}", "block 1 has no path in the line above it"),
        (f"In this file:\n{FIX}", "In this file: there is no such file; only its path stands in"),
        (
            "calc.py\n<<<<<<< SEARCH\nx\n",
            "calc.py: block 1 is not finished: no line >>>>>>> REPLACE",
        ),
        (
            "calc.py\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>>> REPLACE",
            "calc.py: block 1 is not fini",
        ),
        (
            "calc.py\n<<<<<<< SEARCH\nx\n>>>>>>> REPLACE",
            "calc.py: block 1 has no line ======= between",
        ),
        ("calc.py\n<<<<<<< DELETE\nx\n>>>>>>> DELETE", "calc.py: block 1 deletes the file and has"),
        (
            search("x\n", "x\n", path="calc.py"),
            "calc.py: block 1: SEARCH `x` is not in the file; nothing",
        ),
        (
            search("def add(a, b):\n    return a-b\n", "", path="calc.py"),
            "calc.py: block 1: SEARCH `def add(a, b):` is not in the file;"
            " its line 2 is `    return a - b`, not `    return a-b`",
        ),
        (
            search("    return b - a\n", "", path="calc.py"),
            "calc.py: block 1: SEARCH `    return b - a` is not in the file;"
            " the nearest to `return b - a` is line 2: `return a - b`",
        ),
        (
            search("    return a - b\n", "", path="calc.py"),
            "calc.py: block 1: SEARCH `    return a - b` is there 2 times (lines 2, 6): add lines",
        ),
        (
            search("    return a - b\n\n\ndef sub(a, b):\n    return a * b\n", "", path="calc.py"),
            "calc.py: block 1: SEARCH `    return a - b` is not in the file; its line 6 is",
        ),
        (
            search("def sub(a, b):\n", "x\n", path="calc.py") + search("def sub(a, b):\n", "y\n"),
            "calc.py: blocks 1 and 2 change the same lines",
        ),
        (
            search("def sub(a, b):\n", "def sub(a, b):\n", path="calc.py"),
            "the edits change nothing",
        ),
        (
            search("", "x\n", path="calc.py"),
            "calc.py: block 1: SEARCH is empty, and the file exists",
        ),
        (
            f"calc.py\n{WHOLE}{FIX}",
            "calc.py: block 1 is about the whole file, and not the only one",
        ),
        (f"calc.py\n<<<<<<< WHOLE\n{CALC}>>>>>>> WHOLE", "the edits change nothing"),
        (f"none.py\n{FIX}", "none.py: there is no such file; leave SEARCH empty to make it"),
        (f"none.py\n{DELETE}", "none.py: there is no such file"),
        (f"/etc/passwd\n{WHOLE}", "/etc/passwd: the path is absolute"),
        (f"a/../../b\n{WHOLE}", "a/../../b: this is no path inside the project"),
        (f"../b\n{WHOLE}", "../b: this is no path inside the project"),
        (f"a//b\n{WHOLE}", "a//b: this is no path inside the project"),
        (f"a\0b\n{WHOLE}", "a\0b: this is no path inside the project"),
        (f"a\ud800b\n{WHOLE}", "a\ud800b: this is no path inside the project"),
        (f"sub\\calc.py\n{WHOLE}", "sub\\calc.py: the path has a character"),
        (f"{'x' * 300}\n{WHOLE}", f"{'x' * 300}: cannot be read: File name too long"),
        (f".git/config\n{WHOLE}", ".git/config: it is inside a git folder"),
        (f"a/.GIT/hooks/x\n{WHOLE}", "a/.GIT/hooks/x: it is inside a git folder"),
        (f"tests/test_a.py\n{WHOLE}", "tests/test_a.py: the file is frozen and may not change"),
        (f"bin\n{FIX}", "bin: the file is binary"),
        (f"latin\n{WHOLE}", "latin: the file is not UTF-8"),
        (f"link\n{WHOLE}", "link: it is a link; change the file it leads to"),
        (f"out/x\n{WHOLE}", "out/x: out is no folder"),
        (f"calc.py/x\n{WHOLE}", "calc.py/x: calc.py is no folder"),
        (f"new\n{WHOLE}new/x\n{WHOLE}", "new/x: new is no folder"),
        (f"folder\n{WHOLE}", "folder: it is a folder"),
        (f"pipe\n{WHOLE}", "pipe: it is no plain file"),
        (f"big\n{WHOLE}", "big: it has more than 4,000,000 bytes"),
        ("a\n<<<<<<< WHOLE\n\ud800\n>>>>>>> WHOLE", "a: the new text has characters that are none"),
        ("a\n<<<<<<< WHOLE\n\0\n>>>>>>> WHOLE", "a: the new text has characters that are none"),
        ((f"calc.py\n{FIX}") * (MAX_BLOCKS + 1), "the answer has more than 1,000 blocks"),
    ],
    ids=lambda x: ascii(x[:20]),
)
def test_the_reason_is_exact_and_nothing_is_changed(
    tree: Path, tmp_path: Path, answer: str, reason: str
) -> None:
    (tmp_path / "outside").mkdir()
    (tree / "out").symlink_to(tmp_path / "outside")
    (tree / "link").symlink_to("calc.py")
    (tree / "bin").write_bytes(b"def\0")
    (tree / "latin").write_bytes("é".encode("latin-1"))
    (tree / "folder").mkdir()
    os.mkfifo(tree / "pipe")
    with (tree / "big").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert refused(tree, answer, "tests/**").startswith(reason)
    assert not list((tmp_path / "outside").iterdir())


def test_one_wrong_edit_stops_all_and_each_is_named(tree: Path) -> None:
    before = snapshot(tree)
    nowhere = search("nowhere\n", "")
    answer = f"new.py\n{WHOLE}calc.py\n{FIX}{nowhere}frozen.py\n{WHOLE}"
    reasons = edit(tree, answer, ["frozen.py"])
    assert [reason.partition(":")[0] for reason in reasons] == ["calc.py", "frozen.py"]
    assert snapshot(tree) == before


def test_reasons_are_few(tree: Path) -> None:
    many = "".join(f"{i}.py\n{FIX}" for i in range(50))
    assert len(edit(tree, many)) == MAX_REASONS
    unfinished = edit(tree, "<<<<<<< SEARCH\n" * 50)
    assert len(unfinished) == MAX_REASONS + 1
    assert unfinished[-1] == "and 40 more"


@pytest.mark.parametrize(
    "answer",
    [
        "<" * 5_000_000,
        "<<<<<<< SEARCH\n" * 300_000,
        "calc.py\n" + "=======\n" * 1_000_000,
        search("x\n" * 500_000, "y\n" * 500_000, path="calc.py"),
        f"calc.py\n{FIX}" * 100_000,
        "\n" * 5_000_000 + FIX,
        "`" * 5_000_000 + "\n" + FIX,
        "# " * 2_000_000 + "\n" + FIX,
        "".join(f"{i}\n{WHOLE}" for i in range(100_000)),
    ],
    ids=lambda x: ascii(x[:15]),
)
@pytest.mark.timeout(20)
def test_hostile_answers_end_soon(tree: Path, answer: str) -> None:
    before = snapshot(tree)
    assert edit(tree, answer)
    assert snapshot(tree) == before


@pytest.mark.timeout(20)
def test_hostile_files_end_soon(tree: Path) -> None:
    (tree / "same").write_text("x\n" * 1_000_000)
    blocks = "".join(search("x\n" * n + "y\n", "z\n") for n in range(500, 530))
    assert len(edit(tree, f"same\n{blocks}")) == MAX_REASONS
