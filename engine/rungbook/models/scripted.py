"""A worker whose edits are given as data: for tests and the demo."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rungbook.ports import Job, Worked

Edits = Mapping[str, str | None]
"""The new text of a file by its path in the tree; None deletes it."""


@dataclass(slots=True)
class ScriptedWorker:
    """Does one turn a job, the last one again and again; a turn is edits or an answer."""

    turns: tuple[Edits | Worked, ...]
    jobs: list[Job] = field(default_factory=list)
    """The jobs so far."""

    async def work(self, job: Job) -> Worked:
        """Write the turn's edits; raises ValueError for a path that leaves the tree."""
        turn = self.turns[min(len(self.jobs), len(self.turns) - 1)]
        self.jobs.append(job)
        if isinstance(turn, Worked):
            return turn
        for path, text in turn.items():
            _write(job.box.tree, path, text)
        return Worked("ok")


def _write(tree: Path, path: str, text: str | None) -> None:
    file = tree / path
    if not file.resolve().is_relative_to(tree.resolve()):
        raise ValueError(f"{path} leaves the tree")
    if text is None:
        file.unlink(missing_ok=True)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
