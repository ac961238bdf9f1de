"""Datasets: which file a spec names, what of it is told, and that it belongs to the identity."""

from pathlib import Path

import pytest

from rungbook.compiler import datasets
from rungbook.compiler.datasets import Datasets
from rungbook.compiler.load import Loaded, load

GOOD = '{"text": "a", "type": "standard"}\n'
SPEC = """apiVersion: rungbook/v1
kind: TaskTaxonomy
specs:
  t:
    complexity: {range: [0, 1], terms: {files: {per: task.files, each: 1}}}
    types: [{name: standard}]
    examples: own
"""


def write(folder: Path, text: str, name: str = "own.jsonl") -> Datasets:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return Datasets((folder,))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD + "\n{'a'}\n", ["R215 datasets/own.jsonl:3:2: "]),
        ("[1]\n7", ["R215 datasets/own.jsonl:1: a row", "R215 datasets/own.jsonl:2: a row"]),
        ("x\n" * 50, [f"R215 datasets/own.jsonl:{i}:1: " for i in range(1, 11)]),
        ("\ufeff" + GOOD, []),
        ("", []),
    ],
    ids=["not JSON", "no mapping", "many", "mark", "empty"],
)
def test_lines_that_are_no_rows_are_told_by_their_number(
    tmp_path: Path, text: str, said: list[str]
) -> None:
    _, problems = write(tmp_path, text).read("own")
    told = [f"{p.code} {p.message}" for p in problems]
    assert len(told) == len(said)
    assert all(one.startswith(start) for one, start in zip(told, said, strict=True))


def test_a_folder_has_its_rows_in_tasks(tmp_path: Path) -> None:
    found = write(tmp_path, GOOD, "own/tasks.jsonl")
    write(tmp_path, GOOD * 2, "own/outside.jsonl")
    for name, path, rows in (("own", "own/tasks", 1), ("own/outside", "own/outside", 2)):
        dataset, problems = found.read(name)
        assert dataset
        assert (dataset.path, len(dataset.rows)) == (f"datasets/{path}.jsonl", rows)
        assert problems == ()


def test_the_higher_folder_wins(tmp_path: Path) -> None:
    write(tmp_path / "low", GOOD * 2)
    write(tmp_path / "high", GOOD)
    dataset, _ = Datasets((tmp_path / "high", tmp_path / "low")).read("own")
    assert dataset
    assert len(dataset.rows) == 1


def test_a_dataset_stays_in_its_folder(tmp_path: Path) -> None:
    found = write(tmp_path / "datasets", GOOD, "other.jsonl")
    (tmp_path / "secret.jsonl").write_text(GOOD)
    (tmp_path / "datasets" / "own.jsonl").symlink_to(tmp_path / "secret.jsonl")
    dataset, (problem,) = found.read("own")
    assert dataset is None
    assert problem.message == "'own' is not in datasets/"


def test_what_is_too_large_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = write(tmp_path, GOOD)
    assert [p.hint for p in found.read("none")[1]] == ["there is: own"]
    monkeypatch.setattr(datasets, "MAX_BYTES", 10)
    dataset, (problem,) = found.read("own")
    assert dataset is None
    assert problem.message.endswith("it has more than 10 bytes")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "t.yaml").write_text(SPEC)
    return tmp_path


def loaded(root: Path, text: str) -> Loaded:
    write(root / "datasets", text)
    return load([root / "specs"])


def test_what_the_rows_say_is_part_of_the_identity(root: Path) -> None:
    def hashed(text: str) -> str:
        rulebook = loaded(root, text).rulebook
        assert rulebook
        return rulebook.hashes["TaskTaxonomy/t"]

    assert hashed(GOOD) == hashed(GOOD + "\n") == hashed('{"type":"standard","text":"a"}\r\n')
    assert hashed(GOOD) != hashed(GOOD.replace('"a"', '"b"'))


def test_what_only_a_test_names_is_not(root: Path) -> None:
    without = loaded(root, GOOD).rulebook
    test = "    tests: [{dataset: other, expect: {accuracy: {gte: 0}}}]\n"
    (root / "specs" / "t.yaml").write_text(SPEC + test)
    write(root / "datasets", GOOD, "other.jsonl")
    beside = load([root / "specs"]).rulebook
    assert without
    assert beside
    assert without.hashes == beside.hashes


@pytest.mark.parametrize("text", ["{", '{"text": "a", "type": "other"}'])
def test_a_bad_row_stands_where_the_dataset_is_named(root: Path, text: str) -> None:
    found = loaded(root, text)
    assert found.rulebook is None
    (finding,) = found.findings
    assert (finding.code, finding.span.line, finding.span.col) == ("R215", 7, 15)


def test_a_changed_row_is_seen_by_the_next_load(root: Path) -> None:
    from rungbook.compiler.load import Memo

    memo = Memo()
    write(root / "datasets", GOOD)
    first = load([root / "specs"], memo=memo)
    assert load([root / "specs"], memo=memo) is first
    write(root / "datasets", GOOD * 2)
    second = load([root / "specs"], memo=memo)
    assert second.rulebook
    assert len(second.rulebook.taxonomies["t"].examples) == 2
