"""Chat models behind OpenAI's protocol: LM Studio, vLLM, llama.cpp, MLX, and hosts in the cloud."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import httpx
import orjson
from httpx_sse import EventSource

from rungbook.models.calls import Broken, Client, Crashed, Malformed
from rungbook.models.drafts import Draft
from rungbook.models.transport import Declined
from rungbook.ports import Chat
from rungbook.tokens import reported

_DISPENSABLE: Mapping[str, tuple[str, ...]] = {
    "response_format": ("response_format", "json_schema"),
    "stream_options": ("stream_options",),
}
"""Keys that some servers refuse, and what they then speak of: they are asked once without it."""


@dataclass(frozen=True, slots=True)
class OpenAICompatible(Client):
    """A model behind a server that streams chat completions."""

    kinds: ClassVar[tuple[str, ...]] = ("text/event-stream",)

    @property
    def absent(self) -> str:
        """What to do where the host does not have the model."""
        return f"load `{self.id}` there, or see whether the address ends as it should, in /v1"

    async def ask(self, chat: Chat, draft: Draft) -> None:
        """Ask once; without what the server does not know where it refuses that."""
        body = self._body(chat)
        async with httpx.AsyncClient(transport=draft.line, trust_env=False) as client:
            while True:
                try:
                    await self._stream(client, body, draft)
                except Declined as e:
                    key = _refused(e, body)
                    if key is None:
                        raise
                    del body[key]
                else:
                    return

    def _body(self, chat: Chat) -> dict[str, Any]:
        """The request; a spec's options are merged in, and cannot lift the bound of its price."""
        own: dict[str, Any] = {
            "model": self.id,
            "messages": [{"role": "user", "content": chat.text}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        options = self.model.options
        if self.model.output_tokens is not None:
            newer = "max_completion_tokens"
            own[newer if newer in options else "max_tokens"] = self.model.output_tokens
        if chat.schema is not None:
            schema = {"name": "answer", "strict": True, "schema": chat.schema}
            own["response_format"] = {"type": "json_schema", "json_schema": schema}
        return {**options, **own}

    async def _stream(
        self, client: httpx.AsyncClient, body: Mapping[str, Any], draft: Draft
    ) -> None:
        url = f"{self.host.url}/chat/completions"
        headers = {"accept": "text/event-stream", "content-type": "application/json"}
        content = orjson.dumps(body)
        async with client.stream("POST", url, content=content, headers=headers) as response:
            async for event in _events(EventSource(response)):
                _take(event, draft)
        if draft.finish is None and not draft.whole:
            raise Broken
        draft.whole = True


def _refused(e: Declined, body: Mapping[str, Any]) -> str | None:
    """The key that a server refuses the request for, where it can do without."""
    if e.status not in (400, 422):
        return None
    said = e.said.lower()
    known = ((key, words) for key, words in _DISPENSABLE.items() if key in body)
    return next((key for key, words in known if any(w in said for w in words)), None)


async def _events(source: EventSource) -> AsyncIterator[Mapping[str, Any] | None]:
    """The events up to the one that says it is the last, which is None."""
    async for event in source.aiter_sse():
        if event.data.strip() == "[DONE]":
            yield None
            return
        try:
            value = orjson.loads(event.data)
        except orjson.JSONDecodeError:
            raise Malformed("the answer is no stream of JSON") from None
        if not isinstance(value, dict):
            raise Malformed("the answer is no stream of chat completions")
        yield value


def _take(event: Mapping[str, Any] | None, draft: Draft) -> None:
    """Add what an event says to the draft."""
    if event is None:
        draft.whole = True
        return
    if error := event.get("error"):
        said = error.get("message", error) if isinstance(error, dict) else error
        raise Crashed(str(said))
    if isinstance(usage := event.get("usage"), dict):
        _count(usage, draft)
    choices = event.get("choices") or [{}]
    try:
        choice = choices[0]
        delta = choice.get("delta") or {}
        thought = delta.get("reasoning_content") or delta.get("reasoning") or ""
        said = delta.get("content") or ""
        finish = choice.get("finish_reason")
    except (AttributeError, KeyError, TypeError):
        raise Malformed("the answer is no stream of chat completions") from None
    if not isinstance(said, str) or not isinstance(thought, str):
        raise Malformed("the answer is no text")
    draft.said += [said] if said else []
    draft.thought += [thought] if thought else []
    draft.finish = finish or draft.finish


def _count(usage: Mapping[str, Any], draft: Draft) -> None:
    """The provider's own count; some leave thinking out of the answer's, and not of the total."""
    read, wrote, total = (
        reported(usage.get(key)) or 0
        for key in ("prompt_tokens", "completion_tokens", "total_tokens")
    )
    draft.tokens_in = read or None
    draft.tokens_out = max(wrote, total - read if read else 0) or None
