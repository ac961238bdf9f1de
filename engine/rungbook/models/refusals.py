"""What servers mean by a refusal: too long a text, a wrong key, a model that is not there."""

import re

import orjson

from rungbook.models.transport import Declined
from rungbook.ports import Ending
from rungbook.settings import Host

RETRIED = frozenset({429, 500, 502, 503, 504, 529})
"""Statuses of a server that is busy, ill or loading; 529 is Anthropic's word for overloaded."""

_TOO_LONG = (
    "context length",  # OpenAI, vLLM, LM Studio, Ollama
    "context_length_exceeded",  # OpenAI, Groq
    "context size",  # llama.cpp
    "exceed_context_size",  # llama.cpp
    "context window",
    "context limit",  # Anthropic
    "context the overflows",  # LM Studio, as it spells it
    "prompt is too long",  # Anthropic
    "input token count",  # Gemini
    "too large for model",  # Mistral
    "maximum number of tokens allowed",
    "reduce the length of the messages",
)
"""What known servers say of a prompt that does not fit."""


def shown(said: str, secret: str | None = None, most: int = 300) -> str:
    """A server's words for people: one line, short, without the key that it may have repeated."""
    line = " ".join(_message(said).split())
    line = re.sub(re.escape(secret), "***", line, flags=re.IGNORECASE) if secret else line
    return line if len(line) <= most else f"{line[:most]}…"


def _message(said: str) -> str:
    """What a body of JSON has to say, by the shapes that servers use."""
    try:
        found = orjson.loads(said)
    except orjson.JSONDecodeError:
        return said
    for key in ("error", "message"):
        found = found.get(key, found) if isinstance(found, dict) else found
    return found if isinstance(found, str) else said


def too_long(said: str) -> bool:
    """Whether a server says that the text does not fit into the model's context."""
    said = said.lower()
    return any(words in said for words in _TOO_LONG)


def is_final(e: Declined) -> bool:
    """Whether asking again would not help."""
    return e.status not in RETRIED or (e.status != 429 and too_long(e.said))


def meaning(e: Declined, host: Host, absent: str, secret: str | None) -> tuple[Ending, str]:
    """How a refused call ends, and what to tell people; `absent` says how to get a model."""
    said = shown(e.said, secret)
    match e.status:
        case 401 | 403 if host.key is None:
            return "unreachable", f"{host.url} wants a key: give the host one in the settings"
        case 401 | 403:
            return "unreachable", f"{host.url} refuses the key: {said}"
        case 404:
            return "unreachable", f"{host.url} has no such model: {absent} ({said})"
        case 413:
            return "overflow", f"the text is too long: {said}"
        case status if status != 429 and too_long(e.said):
            return "overflow", f"the text does not fit: {said}"
        case status if 300 <= status < 400:
            return "unreachable", f"{host.url} redirects elsewhere: put the right address there"
    return "unreachable", f"{host.url} answers HTTP {e.status}: {said}"
