"""A judge: a model that is not the worker is asked whether a change does what its task asks."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from rungbook import prompts, schemas, tokens
from rungbook.ports import Answer, Chat, ChatModel
from rungbook.rulebook.observation import Judgement, Observation, Observed
from rungbook.rulebook.validator import FEEDBACK_CHARS

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "reasoning": {"type": "string"},
        "meets": {"type": "boolean"},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
    },
    "required": ["reasoning", "meets", "confidence"],
    "additionalProperties": False,
}
"""What a judge answers; reasons come first, so that the verdict follows from them."""

MOST_CHARS = 200_000
"""Characters of an answer that is still read."""


class Unasked(ValueError):
    """There is nothing that the judge could be asked: why."""


def question(template: str, most_tokens: int, **matter: prompts.Plain) -> str:
    """The template filled in; raises Unasked where it cannot be, or comes to too many tokens."""
    try:
        text = prompts.render(template, **matter)
    except prompts.BadPrompt as e:
        raise Unasked(f"the prompt cannot be filled in: {e}") from e
    if (size := tokens.at_most(text)) > most_tokens:
        raise Unasked(f"the prompt takes up to {size:,} tokens, and the judge {most_tokens:,}")
    return text


async def observe(judge: ChatModel, chat: Chat) -> tuple[Observed, Answer]:
    """Ask, and read the answer: whoever gives none that can be read has not judged."""
    answer = await judge.answer(chat)
    if answer.result != "ok":
        return _broke(answer.error or answer.result, answer.text), answer
    try:
        judgement = read(answer.text)
    except ValueError as e:
        return _broke(f"its answer is not as it was asked for: {e}", answer.text), answer
    return Observed(Observation(judgement=judgement), judgement.reasoning[:FEEDBACK_CHARS]), answer


def read(text: str) -> Judgement:
    """The one JSON object of an answer, whatever stands around it; raises ValueError.

    Words around it may hold no braces: else an object that the judge only quotes could pass for
    its own.
    """
    if len(text) > MOST_CHARS:
        raise ValueError(f"it has more than {MOST_CHARS:,} characters")
    begin, end = text.find("{"), text.rfind("}") + 1
    if begin < 0 or end <= begin:
        raise ValueError("there is no JSON object in it")
    try:
        said = json.loads(text[begin:end], object_pairs_hook=_once, parse_constant=_number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    for at, message in _faults()(said):
        raise ValueError(": ".join((*map(str, at), message)))
    return Judgement(said["meets"], float(said["confidence"]), said["reasoning"].strip())


@cache
def _faults() -> schemas.Faults:
    return schemas.compiled(SCHEMA)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands in it twice")
    return found


def _number(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _broke(why: str, said: str) -> Observed:
    return Observed(Observation(broke=why), said[:FEEDBACK_CHARS])
