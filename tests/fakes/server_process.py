"""The process of a model server; what it is to say, it is told over `/_says` (see fakes.servers).

Started as a script, with the standard library alone.
"""

import asyncio
import gzip
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

CHATS = ("/v1/chat/completions", "/api/chat")
"""Where chats are asked for, in both protocols."""


@dataclass(frozen=True, slots=True)
class Says:
    """One answer of a server: its words, and what is wrong with it, if anything.

    `usage` is (tokens in, tokens out), None for a server that reports none. `fault` is a word of
    `_answer` below; with a `status` other than 200 the `body` is all that is said. `wait` seconds
    pass before the first token, `lead` is sent before it as it stands.
    """

    text: str = "ok"
    thinking: str = ""
    usage: tuple[int, int] | None = (7, 3)
    finish: str | None = "stop"
    pieces: int = 3
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    wait: float = 0.0
    lead: str = ""
    fault: str = ""


def refuses(status: int, message: str, **headers: str) -> Says:
    """A refusal with the words of a server, in the shape of both protocols."""
    body = json.dumps({"error": {"message": message}} if status != 404 else {"error": message})
    return Says(status=status, body=body, headers=headers)


@dataclass(frozen=True, slots=True)
class Request:
    """What a server was asked; `key` is its X-Client-Request-Id."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any = None

    @property
    def key(self) -> str:
        """The call it belongs to."""
        return self.headers.get("x-client-request-id", "")

    @property
    def prompt(self) -> str:
        """The text of its last message."""
        return str(self.body["messages"][-1]["content"])


class _State:
    def __init__(self) -> None:
        self.open = 0
        self.forget()

    def forget(self) -> None:
        self.answers: dict[str, list[Says]] = {}
        self.models: dict[str, int] | None = None
        self.loaded: dict[str, int] = {}
        self.raw: dict[str, dict[str, Any]] = {}
        self.requests: list[dict[str, Any]] = []

    def next_of(self, model: str) -> Says:
        if self.models is not None and model not in self.models:
            return refuses(404, f"model '{model}' not found")
        answers = self.answers.get(model) or [Says()]
        return answers.pop(0) if len(answers) > 1 else answers[0]


class _Out:
    """One response: chunked, so that an end that is none is seen as such."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.ended = False

    def head(self, status: int, kind: str, headers: Mapping[str, str], length: int | None) -> None:
        size = {"Transfer-Encoding": "chunked"} if length is None else {"Content-Length": length}
        lines = {"Content-Type": kind, **size, **headers}
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.writer.write(f"HTTP/1.1 {status} -\r\n{text}\r\n".encode())

    async def whole(self, status: int, kind: str, body: bytes, **headers: str) -> None:
        self.head(status, kind, headers, len(body))
        self.writer.write(body)
        await self._flushed()

    async def chunk(self, data: bytes) -> None:
        self.writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await self.writer.drain()

    async def end(self) -> None:
        self.writer.write(b"0\r\n\r\n")
        await self._flushed()

    async def _flushed(self) -> None:
        await self.writer.drain()
        self.ended = True


class _Openai:
    kind = "text/event-stream"

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.model = body.get("model", "")
        self.reports = bool(body.get("stream_options", {}).get("include_usage"))

    def piece(self, text: str, thinking: bool = False) -> bytes:
        return self._event(delta={"reasoning_content" if thinking else "content": text})

    def last(self, said: Says) -> bytes:
        out = self._event(delta={}, finish_reason=said.finish) if said.finish else b""
        if said.usage and self.reports:
            read, wrote = said.usage
            usage = {"prompt_tokens": read, "completion_tokens": wrote}
            out += self._data({"choices": [], "usage": usage | {"total_tokens": read + wrote}})
        return out + (b"data: [DONE]\n\n" if said.finish else b"")

    def error(self, message: str) -> bytes:
        return self._data({"error": {"message": message}})

    def _event(self, **choice: Any) -> bytes:
        return self._data({"id": "c", "model": self.model, "choices": [{"index": 0, **choice}]})

    def _data(self, value: Any) -> bytes:
        return b"data: " + json.dumps(value).encode() + b"\n\n"


class _Ollama:
    kind = "application/x-ndjson"

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.model = body.get("model", "")

    def piece(self, text: str, thinking: bool = False) -> bytes:
        said = {"content": "", "thinking": text} if thinking else {"content": text}
        return self._line(message={"role": "assistant", **said}, done=False)

    def last(self, said: Says) -> bytes:
        if not said.finish:
            return b""
        read, wrote = said.usage or (None, None)
        usage = {"prompt_eval_count": read, "eval_count": wrote} if said.usage else {}
        message = {"role": "assistant", "content": ""}
        return self._line(message=message, done=True, done_reason=said.finish, **usage)

    def error(self, message: str) -> bytes:
        return json.dumps({"error": message}).encode() + b"\n"

    def _line(self, **value: Any) -> bytes:
        return json.dumps({"model": self.model, **value}).encode() + b"\n"


_Spoken = _Openai | _Ollama


async def _answer(out: _Out, said: Says, spoken: _Spoken, gone: asyncio.Event) -> None:
    """One chat answer, with its fault; returning early hangs up."""
    if said.status != 200:
        headers = dict(said.headers)
        await out.whole(said.status, "application/json", said.body.encode(), **headers)
        return
    if said.fault == "hung up":
        return
    if said.fault == "mute":
        await gone.wait()
        return
    kind = "text/html" if said.fault == "wrong type" else spoken.kind
    coded = {"Content-Encoding": "gzip"} if said.fault == "gzip" else {}
    out.head(200, kind, {**coded, **said.headers}, None)
    await out.writer.drain()
    if said.fault == "hung up after headers":
        return
    async for part in _parts(said, spoken, gone):
        await out.chunk(gzip.compress(part) if coded else part)
    if said.fault != "hung up midway" and not gone.is_set():
        await out.end()


async def _parts(said: Says, spoken: _Spoken, gone: asyncio.Event) -> AsyncIterator[bytes]:
    if said.lead:
        yield said.lead.encode()
    with suppress(TimeoutError):
        if said.wait:
            await asyncio.wait_for(gone.wait(), said.wait)
    if said.thinking:
        yield spoken.piece(said.thinking, thinking=True)
    size = -(-len(said.text) // said.pieces) or 1
    for at in range(0, len(said.text), size):
        yield spoken.piece(said.text[at : at + size])
        if said.fault == "hung up midway":
            return
        if said.fault == "stalls":
            await gone.wait()
            return
    while said.fault == "endless" and not gone.is_set():
        yield spoken.piece("more " * 10_000)
    if said.fault == "malformed":
        yield b'data: {"choices": [\n\n'
    if said.fault == "error midway":
        yield spoken.error("the model has crashed")
        return
    while said.fault == "huge line" and not gone.is_set():
        yield b"x" * 1_000_000
    yield spoken.last(said)


async def _listed(out: _Out, path: str, body: Any, state: _State, gone: asyncio.Event) -> None:
    """What there is beside chats."""
    known = state.models or {}
    if raw := state.raw.get(path):
        if raw["kind"] == "mute":
            await gone.wait()
        return await out.whole(raw["status"], raw["kind"], raw["body"].encode())
    found: Any
    match path:
        case "/health":
            found = {"status": "ok"}
        case "/api/version":
            found = {"version": "0.12.0"}
        case "/api/tags":
            found = {"models": [{"name": n, "model": n} for n in known]}
        case "/api/ps":
            found = {"models": [{"model": n, "context_length": c} for n, c in state.loaded.items()]}
        case "/api/show" if (body or {}).get("model") in known:
            info = {"general.architecture": "toy", "toy.context_length": known[body["model"]]}
            found = {"model_info": info}
        case "/v1/models":
            found = {"object": "list", "data": [{"id": n, "object": "model"} for n in known]}
        case "/api/v0/models":
            found = {"data": [{"id": n, "max_context_length": c} for n, c in known.items()]}
        case _:
            return await out.whole(404, "application/json", b'{"error": "not found"}')
    await out.whole(200, "application/json", json.dumps(found).encode())


async def _told(out: _Out, path: str, body: Any, state: _State) -> None:
    """A test's own words, on paths that begin with an underscore."""
    if path == "/_says":
        state.answers[body["model"]] = [Says(**a) for a in body["answers"]]
    elif path == "/_has":
        state.models, state.loaded = body["models"], body["loaded"]
    elif path == "/_forget":
        state.forget()
    elif path == "/_serves":
        state.raw[body["path"]] = body
    told = {"requests": state.requests, "open": state.open} if path == "/_seen" else {}
    await out.whole(200, "application/json", json.dumps(told).encode())


async def _heard(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ", 2)
    pairs = (line.split(":", 1) for line in head[1:] if line)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    raw = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(method, path, headers, json.loads(raw) if raw else None)


async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, s: _State) -> None:
    """One connection: requests in turn, until one is hung up on or the client has gone."""
    counted = False
    coming = asyncio.create_task(_heard(reader))
    try:
        while True:
            request = await coming
            coming = asyncio.create_task(_heard(reader))
            gone = asyncio.Event()
            coming.add_done_callback(lambda heard, gone=gone: _gone(heard, gone))
            if not request.path.startswith("/_") and not counted:
                s.open, counted = s.open + 1, True
            if not await _served(request, _Out(writer), gone, s):
                break
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        s.open -= counted
        coming.cancel()
        writer.close()


def _gone(heard: "asyncio.Task[Request]", gone: asyncio.Event) -> None:
    """What comes after a request is the next one, or the client's end."""
    if not heard.cancelled() and heard.exception():
        gone.set()


async def _served(request: Request, out: _Out, gone: asyncio.Event, s: _State) -> bool:
    """One request; whether the connection stays."""
    path, body = request.path, request.body
    if path.startswith("/_"):
        await _told(out, path, body, s)
        return False
    s.requests.append(asdict(request))
    if path in CHATS and path not in s.raw:
        spoken = _Openai(body) if path.startswith("/v1") else _Ollama(body)
        await _answer(out, s.next_of(body["model"]), spoken, gone)
    else:
        await _listed(out, path, body, s, gone)
    return out.ended


async def _main() -> None:
    state = _State()
    server = await asyncio.start_server(lambda r, w: _talk(r, w, state), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()
    raise SystemExit


if __name__ == "__main__":
    asyncio.run(_main())
