"""The sandboxes of one run: trees of its own git folder, and the boxes programs find them in."""

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rungbook.box import Box, Isolation
from rungbook.rulebook.environment import Environment
from rungbook.store.disk import write_whole
from rungbook.store.layout import guarded
from rungbook.workspace.changes import Change
from rungbook.workspace.environment import prepare
from rungbook.workspace.kept import Kept
from rungbook.workspace.trees import Trees


@dataclass(frozen=True, slots=True)
class Harvested:
    """What an attempt may keep of its changes; `frozen` and `refused` (path, why) were left out."""

    changes: tuple[Change, ...]
    frozen: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Sandboxes:
    """What is proved and what is applied is one commit, and changes to frozen paths are not in it.

    Attempts are remembered by number beside the trees, so that a resumed run finds them.
    """

    trees: Trees
    frozen: tuple[str, ...]
    isolation: Isolation
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def box(self, tree: Path, environment: Environment) -> Box:
        """The box in which a program finds a tree and the project's environment."""
        ready = prepare(self.trees.repo, tree, environment.paths, self.isolation)
        named = {n: os.environ[n] for n in environment.variables if n in os.environ}
        return Box(
            tree=tree,
            at=self.trees.repo,
            read_only=(*ready.read_only, *self.trees.objects),
            network=environment.network,
            variables={**named, **ready.variables},
            isolation=self.isolation,
        )

    def harvest(self, n: int) -> Harvested:
        """What the worker of an attempt changed, and may keep; its tree is gone then."""
        found = self.trees.harvest(n)
        kept = self.trees.without(found.commit, self.frozen)
        changes = self.trees.changes(kept)
        left_out = {c.path for c in found.changes} - {c.path for c in changes}
        with guarded(self.trees.work):
            write_whole(self._note(n), kept.encode())
        self.trees.drop(self.trees.work / f"attempt-{n}")
        return Harvested(changes, tuple(sorted(left_out)), found.refused)

    def proof(self, n: int | None) -> Path:
        """A fresh tree of the base and an attempt's change; of the base alone for None."""
        number = next(self._numbers)
        if n is None:
            return self.trees.base_tree(str(number))
        return self.trees.proof(number, self._commit(n))

    def changes(self, n: int) -> tuple[Change, ...]:
        """What an attempt changes, by path."""
        return self.trees.changes(self._commit(n))

    def diff(self, n: int) -> str:
        """What an attempt changes, as unified text."""
        return self.trees.diff(self._commit(n))

    def stat(self, n: int) -> tuple[int, int]:
        """(files, lines) that an attempt changes."""
        return self.trees.stat(self._commit(n))

    def kept(self, n: int) -> Kept:
        """What an attempt changes, as it is kept when the trees are gone."""
        changes = self.changes(n)
        wanted = (blob for c in changes for blob in (c.blob, c.was_blob) if blob)
        return Kept(changes, self.trees.blobs(wanted))

    def _note(self, n: int) -> Path:
        return self.trees.work / f"attempt-{n}.commit"

    def _commit(self, n: int) -> str:
        return self._note(n).read_text()
