"""A chat model as a worker: the task and some files go in, edits come out and are applied."""

from dataclasses import dataclass

from rungbook.ports import ChatModel, Job, Worked


@dataclass(frozen=True, slots=True)
class ChatWorker:
    """Asks a model for edits by a template's text, and applies them to the tree."""

    model: ChatModel
    prompt: str

    async def work(self, job: Job) -> Worked:
        """One question, one answer, all of its edits or none."""
        raise NotImplementedError
