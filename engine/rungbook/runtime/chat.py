"""A chat model as a worker: the task and some files go in, edits come out and are applied."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from anyio import to_thread

from rungbook import prompts, tokens
from rungbook.box import Box
from rungbook.ports import Chat, ChatModel, Job, Worked
from rungbook.rulebook.validator import FEEDBACK_CHARS
from rungbook.workspace.edits import edit
from rungbook.workspace.relevant import Shown, choose

TOLD_SHARE = 0.4
"""The part of what is left beside the task that the tests and earlier failures may take."""

_CHANGE = ""
"""Stands for the validator where a text is the change itself."""

_BEFORE = (-1, _CHANGE)
"""Stands for attempt and validator where a text is what the tests say before any."""

_GAP_CHARS = 12
"""How much shorter a cut becomes beside what its tokens ask for, as it says what it leaves out."""


@dataclass(frozen=True, slots=True)
class ChatWorker:
    """Asks a model for edits by a template's text, and applies them to the tree."""

    model: ChatModel
    prompt: str

    async def work(self, job: Job) -> Worked:
        """One question, one answer, all of its edits or none; raises what `edit` does."""
        try:
            text = await to_thread.run_sync(_asked, self.prompt, job)
        except prompts.BadPrompt as e:
            return Worked("unreachable", f"its prompt cannot be filled in: {e}", usd=0.0)
        if text is None:
            return Worked("overflow", f"the task takes more than {job.tokens:,} tokens", usd=0.0)
        answer = await self.model.answer(Chat(text, job.seconds, key=job.key))
        result, error = answer.result, answer.error
        if result == "ok":
            wrong = await to_thread.run_sync(edit, job.box.tree, answer.text, job.frozen)
            result, error = ("unusable", "\n".join(wrong)) if wrong else ("ok", None)
        return Worked(
            result,
            error,
            answer.text[-FEEDBACK_CHARS:],
            answer.tokens_in,
            answer.tokens_out,
            answer.usd,
            answer.estimated,
        )


def _asked(template: str, job: Job) -> str | None:
    """The prompt, with what of the files fits into the job's tokens; None if the task does not.

    Raises BadPrompt.
    """

    def filled(failures: list[prompts.Plain], before: str, files: Sequence[Shown]) -> str:
        shown: list[prompts.Plain] = [asdict(file) for file in files]
        return prompts.render(
            template, task=job.task, files=shown, failures=failures, before=before
        )

    bare = filled([], "", ())
    if (left := job.tokens - tokens.at_most(bare)) < 0:
        return None
    told = _told(job, int(left * TOLD_SHARE))
    left = job.tokens - tokens.at_most(filled(*told, ()))
    said = "\n".join((job.before, *(failure.said for failure in job.failures)))
    files = choose(
        job.box.tree,
        job.task,
        _relative(said, job.box),
        left,
        named=job.named,
        frozen=job.frozen,
    )
    # A template may say things twice, so it is asked what it comes to.
    while tokens.at_most(text := filled(*told, files)) > job.tokens:
        if not files:
            return bare
        files.pop()
    return text


def _told(job: Job, most: int) -> tuple[list[prompts.Plain], str]:
    """Earlier failures by attempt, and the tests before; cut so that the latest has most room."""
    texts: dict[tuple[int, str], str] = {}
    for failure in reversed(job.failures):
        texts[failure.attempt, failure.validator] = _relative(failure.said, job.box)
        texts.setdefault((failure.attempt, _CHANGE), failure.diff)
    texts[_BEFORE] = _relative(job.before, job.box)
    for i, (key, text) in enumerate(texts.items(), 1):
        texts[key] = cut(text, most if i == len(texts) else most * 2 // 3)
        most = max(0, most - tokens.at_most(texts[key]))
    attempts = sorted({failure.attempt for failure in job.failures})
    failures: list[prompts.Plain] = [
        {
            "attempt": n,
            "change": texts[n, _CHANGE],
            "checks": [
                {"name": f.validator, "said": texts[n, f.validator]}
                for f in job.failures
                if f.attempt == n
            ],
        }
        for n in attempts
    ]
    return failures, texts[_BEFORE]


def cut(text: str, most: int) -> str:
    """A text in at most so many tokens: its beginning and, as that says most, more of its end."""
    keep, short = len(text), text
    while (size := tokens.at_most(short)) > most:
        keep = min(keep * most // size, keep - 1) - _GAP_CHARS
        if keep <= 0:
            return ""
        gap = f"\n[{len(text) - keep:,} characters left out]\n"
        short = text[: keep // 3] + gap + text[keep // 3 - keep :]
    return short


def _relative(text: str, box: Box) -> str:
    """A program's words without the folders it worked in: paths as they are in the project."""
    sandboxes = rf"{re.escape(str(box.tree.parent))}/[\w.-]+"
    return re.sub(rf"(?:file://)?(?:{re.escape(str(box.at))}|{sandboxes})/", "", text).strip("\n")
