"""Specs that change while they are used: what is taken, what is kept, and what is written down."""

import json
import queue
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import watchfiles
from anyio.from_thread import start_blocking_portal

from fakes.live import until
from fakes.projects import written
from fakes.repos import git, repository
from rungbook.compiler.load import Loaded, load
from rungbook.rulebook.snapshot import Rulebook
from rungbook.runtime import live as module
from rungbook.runtime.live import Live, Reload
from rungbook.store.journal import Journal
from rungbook.store.query import query

BROKEN = "apiVersion: rungbook/v1\nkind: Model\nspecs:\n  a: {clas: tool, worker: {comm"


def model(name: str = "a", word: str = "x", more: str = "") -> str:
    return (
        "apiVersion: rungbook/v1\nkind: Model\nspecs:\n"
        f"  {name}: {{worker: {{command: [{word}]}}, class: tool{more}}}\n"
    )


@dataclass
class Watched:
    """Somebody who uses a folder of specs while it changes."""

    live: Live
    state: Path
    told: "queue.Queue[Reload]"

    def next(self) -> Reload:
        """The next attempt."""
        return self.told.get(timeout=20)

    def taken(self) -> dict[str, tuple[str, ...]]:
        """The next attempt, which is taken: the command of every Model in use then."""
        reload = self.next()
        assert reload.ok, reload.loaded.findings
        assert self.live.rulebook is not None
        return {name: m.command for name, m in self.live.rulebook.models.items()}

    def until(self, models: dict[str, tuple[str, ...]]) -> None:
        """Waits until these are in use; what is refused meanwhile changes nothing."""
        while not self.next().ok:
            pass
        assert self.live.rulebook is not None
        assert {name: m.command for name, m in self.live.rulebook.models.items()} == models

    def kept(self) -> Rulebook | None:
        """The next attempt, which is refused: what is in use all the same."""
        reload = self.next()
        assert not reload.ok
        assert self.live.broken
        assert self.live.rulebook is reload.before
        return self.live.rulebook

    def records(self, columns: str) -> list[tuple[Any, ...]]:
        """What was written down, oldest first."""
        return query(self.state, f"SELECT {columns} FROM reloads ORDER BY id").rows  # noqa: S608


@contextmanager
def watched(specs: Path) -> Iterator[Watched]:
    """Used in a loop of its own until the end of the block."""
    state = specs.parent / "state"
    with Journal(state) as journal, start_blocking_portal() as portal:
        told: queue.Queue[Reload] = queue.Queue()
        one = Watched(Live(specs, journal, told.put, project=specs, surface="t"), state, told)
        task = portal.start_task_soon(one.live.run)
        try:
            yield one
        finally:
            task.cancel()


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    return written(tmp_path / "rules" / "specs", {"model/a.yaml": model()})


def test_a_change_is_taken_and_a_mistake_is_not(specs: Path) -> None:
    file = specs / "model" / "a.yaml"
    with watched(specs) as one:
        assert one.taken() == {"a": ("x",)}
        assert not one.live.broken
        before = one.live.rulebook
        file.write_text(model(word="y"))
        assert one.taken() == {"a": ("y",)}
        after = one.live.rulebook
        file.write_text(BROKEN)
        assert one.kept() is after
        file.write_text(model(word="y"))
        assert one.taken() == {"a": ("y",)}
        assert one.live.rulebook == after
        assert not one.live.broken
    assert before is not None
    assert after is not None
    assert before.models["a"].command == ("x",)
    assert one.records("ok, errors > 0, from_rulebook, to_rulebook") == [
        (True, False, None, before.id),
        (True, False, before.id, after.id),
        (False, True, after.id, None),
        (True, False, after.id, after.id),
    ]
    (changed,) = one.records("changed[1].part, changed[1].hash, len(changed), len(gone)")[1:2]
    assert changed == ("Model/a", after.hashes["Model/a"], 1, 0)
    assert {row[0] for row in one.records("surface, specs")} == {"t"}


def test_what_changed_and_what_is_gone(specs: Path) -> None:
    with watched(specs) as one:
        start = one.next()
        (new := specs / "model" / ".new").write_text(model("b"))
        new.replace(specs / "model" / "a.yaml")
        reload = one.next()
        assert start.changed == {}
        assert start.loaded.rulebook is not None
        assert reload.loaded.rulebook is not None
        assert reload.changed == {
            "Model/a": (start.loaded.rulebook.hashes["Model/a"], None),
            "Model/b": (None, reload.loaded.rulebook.hashes["Model/b"]),
        }
    assert one.records("gone")[1] == (["Model/a"],)


def test_what_changes_nothing_is_not_told_and_prose_changes_no_identity(specs: Path) -> None:
    file = specs / "model" / "a.yaml"
    with watched(specs) as one:
        first = one.next()
        file.touch()
        file.with_suffix(".txt").write_text("no spec")
        file.write_text(model(more=", summary: A line"))
        second = one.next()
        assert second.loaded.entries["Model", "a"].body["summary"] == "A line"
        assert second.changed == {}
        assert first.loaded.rulebook is not None
        assert one.live.rulebook is not None
        assert one.live.rulebook.id == first.loaded.rulebook.id


def test_there_is_no_rulebook_before_the_first_good_one(specs: Path) -> None:
    (specs / "model" / "a.yaml").write_text(BROKEN)
    with watched(specs) as one:
        assert one.kept() is None
        (specs / "model" / "a.yaml").write_text(model())
        assert one.taken() == {"a": ("x",)}
    assert one.records("ok") == [(False,), (True,)]
    ((found,), _) = one.records("findings[1]")
    assert found.startswith(f"{specs}/model/a.yaml:4:")


def test_a_folder_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    specs = tmp_path / "project" / ".rungbook" / "specs"
    with watched(specs) as one:
        assert one.kept() is None
        written(specs, {"model/a.yaml": model()})
        one.until({"a": ("x",)})  # a folder may be seen before there is anything in it


def test_a_folder_that_is_removed_and_made_again_is_followed_on(specs: Path) -> None:
    with watched(specs) as one:
        one.taken()
        for word in ("y", "z"):
            shutil.rmtree(specs.parent)
            assert one.kept() is not None
            written(specs, {"model/a.yaml": model(word=word)})
            one.until({"a": (word,)})
        (specs / "model" / "a.yaml").write_text(model(word="last"))
        assert one.taken() == {"a": ("last",)}


def test_a_folder_that_another_takes_the_place_of(specs: Path) -> None:
    other = written(specs.parent / "other", {"model/a.yaml": model(word="y")})
    with watched(specs) as one:
        one.taken()
        specs.rename(specs.parent / "old")
        other.rename(specs)
        one.until({"a": ("y",)})
        (specs / "model" / "a.yaml").write_text(model(word="z"))
        assert one.taken() == {"a": ("z",)}


def test_an_emptied_folder_is_no_rulebook(specs: Path) -> None:
    with watched(specs) as one:
        one.taken()
        (specs / "model" / "a.yaml").unlink()
        assert one.kept() is not None
    assert one.records("ok, errors, to_rulebook is null")[1][:2] == (False, 1)


def vim(file: Path, text: str) -> None:
    file.rename(file.with_name("a.yaml~"))
    file.write_text(text)
    file.with_name("a.yaml~").unlink()


def jetbrains(file: Path, text: str) -> None:
    new, old = (file.with_name(f"a.yaml___jb_{word}___") for word in ("tmp", "old"))
    new.write_text(text)
    file.rename(old)
    new.rename(file)
    old.unlink()


def emacs(file: Path, text: str) -> None:
    file.with_name(".#a.yaml").symlink_to("me@here.123")
    file.with_name("#a.yaml#").write_text(text)
    file.write_text(text)
    file.with_name("#a.yaml#").unlink()
    file.with_name(".#a.yaml").unlink()


def sed(file: Path, text: str) -> None:
    (new := file.with_name("sedX1Y2Z3")).write_text(text)
    new.replace(file)


@pytest.mark.parametrize("save", [vim, jetbrains, emacs, sed])
def test_editors_save_in_their_own_ways(specs: Path, save: Callable[[Path, str], None]) -> None:
    with watched(specs) as one:
        one.taken()
        for word in ("y", "z"):
            save(specs / "model" / "a.yaml", model(word=word))
            one.until({"a": (word,)})
    assert one.records("ok").count((True,)) == 3


def test_a_slow_writer_is_waited_for_and_kept_out_while_it_is_half_done(specs: Path) -> None:
    text = model(word="y")
    with watched(specs) as one:
        one.taken()
        with (specs / "model" / "a.yaml").open("w") as file:
            file.write(text[:-20])
            file.flush()
            assert one.kept() is not None
            file.write(text[-20:])
        assert one.taken() == {"a": ("y",)}


def test_a_checkout_is_taken_whole(tmp_path: Path) -> None:
    def files(word: str) -> dict[str, str]:
        return {f"m/m{i}.yaml": model(f"m{i}", word) for i in range(300)}

    specs = repository(tmp_path / "specs", files("x"))
    git(specs, "switch", "-q", "-c", "other")
    written(specs, files("y"))
    (specs / "m" / "m0.yaml").unlink()
    git(specs, "commit", "-qam", "second")
    with watched(specs) as one:
        assert len(one.taken()) == 299
        for branch, word, count in (("main", "x", 300), ("other", "y", 299), ("main", "x", 300)):
            git(specs, "switch", "-q", branch)
            models = one.taken()
            assert set(models.values()) == {(word,)}
            assert len(models) == count
    head = git(specs, "rev-parse", "HEAD")
    assert one.records('"commit", dirty')[-1] == (head, False)


def test_git_is_waited_for(specs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Path] = []

    def noted(roots: list[Path], **more: Any) -> Loaded:
        looked.append(roots[0])
        return load(roots, **more)

    repository(specs, {})
    monkeypatch.setattr(module, "load", noted)
    with watched(specs) as one:
        one.taken()
        lock = specs / ".git" / "index.lock"
        lock.touch()
        (specs / "model" / "a.yaml").write_text(model(word="y"))
        seen = len(looked)
        until(lambda: len(looked) > seen + 4)
        (specs / "model" / "b.yaml").write_text(model("b"))
        until(lambda: len(looked) > seen + 8)
        assert one.told.empty()
        lock.unlink()
        assert one.taken() == {"a": ("y",), "b": ("x",)}


def test_links_are_followed(tmp_path: Path) -> None:
    for name in ("one", "two"):
        written(tmp_path / name, {"a.yaml": model(word=name)})
    file = written(tmp_path / "far" / "away", {"b.yaml": model("b")}) / "b.yaml"
    (tmp_path / "one" / "b.yaml").symlink_to(file)
    specs = tmp_path / "specs"
    specs.symlink_to("one")
    with watched(specs) as one:
        assert one.taken() == {"a": ("one",), "b": ("x",)}
        file.write_text(model("b", "y"))
        assert one.taken() == {"a": ("one",), "b": ("y",)}
        (new := tmp_path / "new").symlink_to("two")
        new.replace(specs)
        assert one.taken() == {"a": ("two",)}
        (tmp_path / "two" / "a.yaml").write_text(model())
        assert one.taken() == {"a": ("x",)}


def test_a_template_is_part_of_it(specs: Path) -> None:
    judge = {"said": {"check": {"judge": {"prompt": "own"}}, "confidence": 0.8}}
    file = {"apiVersion": "rungbook/v1", "kind": "Validator", "specs": judge}
    prompts = written(specs.parent / "templates" / "prompts", {"own.j2": "{{ task }}"})
    written(specs, {"validator.yaml": json.dumps(file)})
    with watched(specs) as one:
        one.taken()
        (prompts / "own.j2").write_text("{{ task }}!")
        assert list(one.next().changed) == ["Validator/said"]
        assert one.live.rulebook is not None
        assert one.live.rulebook.prompts["own"] == "{{ task }}!"
        shutil.rmtree(prompts)
        assert one.kept() is not None
        written(prompts, {"own.j2": "{{ task }}?"})
        one.until({"a": ("x",)})


def test_without_watches_it_looks_for_itself(specs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_watches(*_: Any, **__: Any) -> Any:
        raise OSError("OS file watch limit reached.")

    monkeypatch.setattr(watchfiles, "watch", out_of_watches)
    with watched(specs) as one:
        one.taken()
        (specs / "model" / "a.yaml").write_text(model(word="y"))
        assert one.taken() == {"a": ("y",)}


def test_what_cannot_be_written_down_is_taken_all_the_same(specs: Path) -> None:
    written(specs.parent, {"state": "a file where a folder should be"})
    with watched(specs) as one:
        reload = one.next()
    assert reload.ok
    assert one.live.rulebook is not None
    assert "state" in reload.unrecorded
