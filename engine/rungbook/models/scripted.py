"""Workers and judges whose words are given as data: for tests only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rungbook.ports import Answer, Chat, ChatModel, Job, Worked, Worker
from rungbook.rulebook.model import Model

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


NOBODY = Answer("unreachable", error="nobody judges here")


@dataclass(slots=True)
class ScriptedChat:
    """Gives one answer a question, the last one again and again."""

    answers: tuple[Answer, ...]
    asked: list[Chat] = field(default_factory=list)
    """The questions so far."""

    async def answer(self, chat: Chat) -> Answer:
        """The next answer."""
        said = self.answers[min(len(self.asked), len(self.answers) - 1)]
        self.asked.append(chat)
        return said


@dataclass(frozen=True, slots=True)
class Cast:
    """Providers of a test: one worker for every model, one judge for every question."""

    works: Worker
    judges: ChatModel = field(default_factory=lambda: ScriptedChat((NOBODY,)))

    def worker(self, model: Model, variant: str | None, prompt: str) -> Worker:
        """The one worker."""
        return self.works

    def chat(self, model: Model, variant: str | None = None) -> ChatModel:
        """The one judge."""
        return self.judges
