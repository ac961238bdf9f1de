"""An answer while it comes in, and what is said of it in the end: its text, tokens and price."""

import re
from dataclasses import dataclass, field

import orjson

from rungbook.models.transport import Line
from rungbook.ports import Answer, Chat, Ending
from rungbook.rulebook.model import Model
from rungbook.tokens import at_most

_THOUGHT = re.compile(r"\A\s*<think>.*?</think>\s*", re.DOTALL)
"""Thinking that a server leaves in the answer; only at its beginning, and only when closed."""


@dataclass(slots=True)
class Draft:
    """What has come of one try so far; `whole` once the server has said that this is all.

    `thought` is the model's thinking: it counts as tokens, and is no part of the answer.
    """

    line: Line = field(default_factory=Line)
    said: list[str] = field(default_factory=list)
    thought: list[str] = field(default_factory=list)
    finish: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    whole: bool = False

    @property
    def begun(self) -> bool:
        """Whether some of the answer has come."""
        return bool(self.said or self.thought)

    @property
    def text(self) -> str:
        """What it says, without what it thought."""
        return _THOUGHT.sub("", "".join(self.said), count=1)

    @property
    def fault(self) -> str | None:
        """Why a whole answer cannot be used."""
        if self.finish == "length":
            where = "" if self.text.strip() else ", all of them for thinking"
            spent = f" after {self.tokens_out} tokens{where}" if self.tokens_out else ""
            return f"the answer was cut off{spent}"
        if self.finish == "content_filter":
            return "the provider withheld the answer"
        return None if self.text.strip() else "the answer is empty"


def ended(draft: Draft, model: Model, chat: Chat) -> Answer:
    """What is said of a whole answer."""
    fault = draft.fault
    return closed(draft, model, chat, "unusable" if fault else "ok", fault)


def closed(
    draft: Draft, model: Model, chat: Chat, result: Ending, error: str | None = None
) -> Answer:
    """The answer that a draft comes to: tokens as reported, else counted here.

    A report within an answer that broke off is not the last one, so it counts for nothing.
    """
    tokens_in = tokens_out = None
    if draft.whole:
        tokens_in = draft.tokens_in or at_most(asked(chat))
        tokens_out = draft.tokens_out or _written(draft, model)
    return Answer(
        result,
        draft.text,
        error,
        tokens_in,
        tokens_out,
        _usd(draft, model, chat, result, (tokens_in, tokens_out)),
        estimated=draft.whole and not (draft.tokens_in and draft.tokens_out),
    )


def _written(draft: Draft, model: Model) -> int:
    """What an answer takes, by our own count: no more than the model was allowed."""
    tokens = at_most("".join((*draft.thought, *draft.said)))
    return tokens if model.output_tokens is None else min(tokens, model.output_tokens)


def asked(chat: Chat) -> str:
    """All that a model reads of a question."""
    return chat.text + (orjson.dumps(chat.schema).decode() if chat.schema else "")


def is_paid(model: Model) -> bool:
    """Whether a call of it costs."""
    return model.usd(1, 1) > 0


def _usd(
    draft: Draft, model: Model, chat: Chat, result: Ending, tokens: tuple[int | None, int | None]
) -> float | None:
    """What it cost, None where nobody knows.

    A model that was asked and gave no word in time may cost all the same, and nobody else would
    count that: it is taken at its bound.
    """
    if not is_paid(model) or not (draft.line.sent or draft.whole):
        return 0.0
    if tokens[0] is not None and tokens[1] is not None:
        return model.usd(tokens[0], tokens[1])
    if result == "unusable":
        return None
    return model.usd(at_most(asked(chat)), model.output_tokens or 0)
