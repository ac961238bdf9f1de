"""Compiling again gives what compiling anew gives, whatever happened to the files in between."""

import os
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from fakes.projects import written
from rungbook.compiler import discover, load, specfile
from rungbook.compiler.load import Loaded, builtin
from rungbook.compiler.memo import Memo

MODEL = """apiVersion: rungbook/v1
kind: Model
specs:
  {name}:
    {{provider: {{type: ollama, id: m}}, class: small, family: f, tier: {n}, prompt: {prompt}}}
"""
VALIDATOR = """apiVersion: rungbook/v1
kind: Validator
specs:
  {name}: {{check: {{judge: {{prompt: {prompt}}}}}, confidence: 0.{n}}}
"""
MATRIX = """apiVersion: rungbook/v1
kind: EscalationMatrix
specs:
  {name}:
    taxonomy: tasks
    common: {{checker: next-tier}}
    ladders:
      quick-edit: {{rungs: [{{name: one, model: m{n}}}], verify: [v{n}]}}
"""
TAXONOMY = """apiVersion: rungbook/v1
kind: TaskTaxonomy
specs:
  tasks:
    complexity: {{range: [0, 10], terms: {{x: {{per: task.files, each: {n}.5}}}}}}
    types: [{{name: quick-edit}}]
    examples: own
"""
NAMES = ["t0", *(f"{letter}{i}" for letter in "mvx" for i in range(4))]
ROW = '{"id": "a", "text": "Fix the typo", "type": "quick-edit", "lang": "en", "split": "train"}\n'
DATA = [ROW, ROW.replace("typo", "name"), f"\n{ROW}", ROW.replace("quick", "slow"), ROW[:-3]]
TEXTS = ["{{ task }}", "{{ task }}!", "{{ mark }}", "{{ task", "{{ nobody }}"]

_ADDRESS = re.compile(" at 0x[0-9a-f]+")


class Vandal:
    """Does to a folder of specs what people, editors and git do, one thing at a time."""

    def __init__(self, home: Path, seed: int) -> None:
        self.specs, self.random = home / "specs", Random(seed)  # noqa: S311
        self.specs.mkdir()
        self.restore()

    def file(self, name: str) -> Path:
        return self.specs / name[0] / f"{name}.yaml"

    def text(self, name: str) -> str:
        kind = {"m": MODEL, "v": VALIDATOR, "x": MATRIX, "t": TAXONOMY}[name[0]]
        prompt = self.random.choice(["own", "judge-binary" if name[0] == "v" else "edit"])
        return kind.format(name=name, n=self.random.randrange(4), prompt=prompt)

    def write(self, path: Path, text: str) -> None:
        written(path.parent, {path.name: text})

    def any(self) -> Path:
        files = [p for p in sorted(self.specs.rglob("*.yaml")) if p.is_file()]
        return self.random.choice(files) if files else self.file("m0")

    def edit(self) -> None:
        name = self.random.choice(NAMES)
        self.write(self.file(name), self.text(name))

    def edit_unseen(self) -> None:
        """The same size, and the time stamp put back."""
        path = self.any()
        if path.is_file():
            before, text = path.stat(), path.read_text()
            path.write_text(text.replace("class: small", "class: large").replace("one", "two"))
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    def save_by_rename(self) -> None:
        name = self.random.choice(NAMES)
        self.write(new := self.specs / f".{name}.new", self.text(name))
        self.file(name).parent.mkdir(exist_ok=True)
        new.replace(self.file(name))

    def cut(self) -> None:
        path = self.any()
        if path.is_file():
            text = path.read_text()
            path.write_text(text[: self.random.randrange(len(text) + 1)])

    def misspell(self) -> None:
        path = self.any()
        self.write(path, (path.read_text() if path.is_file() else "").replace("class", "clas"))

    def remove(self) -> None:
        self.any().unlink(missing_ok=True)

    def rename(self) -> None:
        path = self.any()
        if path.is_file():
            path.rename(path.with_name(f"{self.random.choice('az')}-{path.name}"))

    def copy(self) -> None:
        path = self.any()
        if path.is_file():
            shutil.copy(path, path.with_name(f"copy-{path.name}"))

    def link(self) -> None:
        link = self.specs / "link.yaml"
        link.unlink(missing_ok=True)
        link.symlink_to(self.any())

    def touch(self) -> None:
        self.any().touch()

    def remove_folder(self) -> None:
        shutil.rmtree(self.specs / self.random.choice("mvx"), ignore_errors=True)

    def restore(self) -> None:
        shutil.rmtree(self.specs)
        for name in NAMES:
            self.write(self.file(name), self.text(name))
        self.template(TEXTS[:1])
        self.dataset(DATA[:1])

    def template(self, texts: Sequence[str] = TEXTS) -> None:
        folder = self.specs.parent / "templates" / "prompts"
        self.write(folder / "own.j2", self.random.choice(texts))

    def dataset(self, texts: Sequence[str] = DATA) -> None:
        self.write(self.specs.parent / "datasets" / "own.jsonl", self.random.choice(texts))

    def remove_templates(self) -> None:
        shutil.rmtree(self.specs.parent / "templates", ignore_errors=True)

    def act(self) -> None:
        acts: list[Callable[[], None]] = [
            *(self.edit, self.edit, self.edit_unseen, self.save_by_rename, self.cut, self.misspell),
            *(self.remove, self.rename, self.copy, self.link, self.touch, self.remove_folder),
            *(self.restore, self.restore, self.restore, self.template, self.remove_templates),
            self.dataset,
        ]
        self.random.choice(acts)()


def said(loaded: Loaded) -> Any:
    """All that tells one outcome from another."""
    book = loaded.rulebook
    entries = {key: (entry.body, entry.below) for key, entry in loaded.entries.items()}
    known = (
        (book.id, dict(book.hashes), dict(book.prompts), _ADDRESS.sub("", repr(book)))
        if book
        else None
    )
    return known, loaded.findings, entries


@pytest.mark.parametrize("seed", range(3))
def test_again_is_as_anew(seed: int, tmp_path: Path) -> None:
    vandal, memo, clean = Vandal(tmp_path, seed), Memo(), 0
    for _ in range(30):
        for _ in range(vandal.random.randint(1, 3)):
            vandal.act()
        again = load.load([vandal.specs], [builtin()], memo)
        anew = load.load([vandal.specs], [builtin()])
        assert said(again) == said(anew)
        clean += anew.rulebook is not None
    assert 0 < clean < 30


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    Vandal(tmp_path, 1)
    return tmp_path / "specs"


def test_nothing_new_is_the_very_same(specs: Path) -> None:
    memo = Memo()
    first = load.load([specs], [builtin()], memo)
    (specs / "m" / "m0.yaml").touch()
    (specs / "m" / "notes.md").write_text("no spec")
    assert load.load([specs], [builtin()], memo) is first


def test_only_what_changed_is_read(specs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discover, "_FINE", -1)  # so that all that is found has settled
    read: list[str] = []
    compiled: list[str] = []

    def content(found: discover.Found) -> Any:
        read.append(Path(found.path).name)
        return discover.content(found)

    def one(path: str, raw: bytes, below: bool) -> specfile.SpecFile:
        compiled.append(Path(path).name)
        return specfile.specfile(path, raw, below)

    monkeypatch.setattr(load, "content", content)
    monkeypatch.setattr(load, "specfile", one)
    memo = Memo()
    load.load([specs], memo=memo)
    assert len(read) == len(compiled) == len(NAMES)
    read.clear()
    compiled.clear()
    (specs / "m" / "m0.yaml").touch()
    (specs / "m" / "m1.yaml").write_text(MODEL.format(name="m1", n=9, prompt="own"))
    load.load([specs], memo=memo)
    assert read == ["m0.yaml", "m1.yaml"]
    assert compiled == ["m1.yaml"]


def test_a_template_changes_those_that_name_it_and_no_other(specs: Path) -> None:
    for name, prompt in (("m0", "own"), ("m1", "edit")):
        written(specs, {f"m/{name}.yaml": MODEL.format(name=name, n=0, prompt=prompt)})
    memo = Memo()
    before = load.load([specs], [builtin()], memo).rulebook
    (specs.parent / "templates" / "prompts" / "own.j2").write_text("{{ task }} again")
    after = load.load([specs], [builtin()], memo).rulebook
    assert before is not None
    assert after is not None
    changed = {part for part, hash_ in after.hashes.items() if before.hashes[part] != hash_}
    assert "Model/m0" in changed
    assert "Model/m1" not in changed
    assert after.models["m1"] is before.models["m1"]


def test_what_is_not_asked_for_is_forgotten(specs: Path) -> None:
    asked: list[int] = []

    def step(number: int) -> int:
        asked.append(number)
        return number + 1

    memo = Memo()
    assert [memo(step, 1), memo(step, 2), memo(step, 1)] == [2, 3, 2]
    memo.turn()
    memo(step, 1)
    memo.turn()
    assert [memo(step, 1), memo(step, 2)] == [2, 3]
    assert asked == [1, 2, 2]


def test_a_dataset_changes_those_that_name_it(specs: Path) -> None:
    memo = Memo()
    hashes = []
    for text in DATA[:2]:
        (specs.parent / "datasets" / "own.jsonl").write_text(text)
        loaded = load.load([specs], [builtin()], memo)
        assert loaded.rulebook is not None
        hashes.append(loaded.rulebook.hashes["TaskTaxonomy/tasks"])
    assert hashes[0] != hashes[1]


def stamped(written: int, changed: int) -> discover.Found:
    return discover.Found("a.yaml", discover.STAMP.pack(1, 2, 3, written, changed))


@pytest.mark.parametrize(("age", "settled"), [(0, False), (10**7, False), (10**8, True)])
def test_a_young_stamp_says_nothing(age: int, settled: bool) -> None:
    then = 1_700_000_000_123_456_789
    for found in (stamped(then, then - 10**12), stamped(then - 10**12, then)):
        assert found.is_settled(then + age) == settled


def test_a_stamp_in_whole_seconds_says_nothing_for_longer() -> None:
    then = 1_700_000_000 * 10**9
    assert not stamped(then, then).is_settled(then + 10**9)
    assert stamped(then, then).is_settled(then + 3 * 10**9)
