"""What a host has: whether it answers, its version, the models it knows and what they can hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import anyio
import httpx
import orjson

from rungbook.models.keys import NoKey, secret
from rungbook.models.refusals import shown
from rungbook.models.transport import Declined, Line, Unreadable
from rungbook.settings import Host
from rungbook.tokens import reported

_AT_ONCE = 4
"""Models of a host that are asked about at the same time."""

_HOLDS = ("loaded_context_length", "max_context_length", "max_model_len", "context_length")
"""Where servers say what a model can hold: LM Studio (as loaded, at most), vLLM, OpenRouter."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A model of a host; `context_tokens` is None where the host does not say."""

    id: str
    context_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at a host found; `why` it cannot be used, `models` None where it does not say."""

    reachable: bool
    why: str = ""
    version: str | None = None
    models: tuple[Installed, ...] | None = None


async def look(protocol: str, host: Host, seconds: float) -> Seen:
    """Ask a host what it has, by its protocol, within so many seconds; never raises for its sake.

    A server that answers but says nothing of its models is reachable, with models None.
    """
    try:
        with anyio.fail_after(seconds):
            key = await secret(host)
            async with httpx.AsyncClient(transport=Line(secret=key), trust_env=False) as client:
                asks = _ollama if protocol == "ollama" else _openai
                return await asks(_Asking(client, host.url))
    except TimeoutError:
        return Seen(False, f"{host.url} does not answer within {seconds:g} s")
    except NoKey as e:
        return Seen(False, str(e))
    except Declined as e:
        if e.status in (401, 403):
            return Seen(False, f"{host.url} refuses " + ("the key" if key else "without a key"))
        return Seen(False, f"{host.url} answers HTTP {e.status}: {shown(e.said, key)}")
    except Unreadable as e:
        return Seen(False, f"{host.url}: {shown(str(e), key)}")
    except httpx.TransportError as e:
        return Seen(False, f"nobody answers at {host.url}: {shown(str(e), key)}")


@dataclass(frozen=True, slots=True)
class _Asking:
    """Questions to one host; an answer that is no JSON is Unreadable."""

    client: httpx.AsyncClient
    url: str

    @property
    def root(self) -> str:
        """The address without the version of the protocol."""
        return self.url.removesuffix("/v1")

    async def get(self, url: str) -> Any:
        """The JSON at an address."""
        return _json((await self.client.get(url)).content)

    async def told(self, url: str, **body: str) -> Any:
        """The JSON that is told of a body."""
        return _json((await self.client.post(url, json=body)).content)


def _json(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        raise Unreadable("its answer is no JSON") from None


async def _ollama(ask: _Asking) -> Seen:
    version = _mapping(await ask.get(f"{ask.url}/api/version")).get("version")
    listed = _named(await ask.get(f"{ask.url}/api/tags"), "models", "model", "name")
    found: dict[str, Installed] = {}
    turns = anyio.CapacityLimiter(_AT_ONCE)

    async def show(name: str) -> None:
        async with turns:
            found[name] = Installed(name, await _held(ask, name))

    async with anyio.create_task_group() as group:
        for name in listed or {}:
            group.start_soon(show, name)
    models = None if listed is None else tuple(found[name] for name in listed)
    return Seen(True, "", version if isinstance(version, str) else None, models)


async def _held(ask: _Asking, name: str) -> int | None:
    """What a model of Ollama's was trained to hold, under its architecture's own name."""
    try:
        told = _mapping(await ask.told(f"{ask.url}/api/show", model=name))
    except (Declined, Unreadable, httpx.TransportError):
        return None
    info = _mapping(told.get("model_info"))
    return reported(info.get(f"{info.get('general.architecture')}.context_length"))


async def _openai(ask: _Asking) -> Seen:
    try:
        models = _named(await ask.get(f"{ask.url}/models"), "data", "id")
    except Unreadable:
        models = None
    except Declined as e:
        if e.status != 404:
            raise
        models = None
    if models is None:
        await ask.client.get(f"{ask.root}/health")
        return Seen(True)
    if ask.url.startswith("http://") and not any(_holds(m) for m in models.values()):
        models |= await _lmstudio(ask)
    return Seen(True, "", None, tuple(Installed(name, _holds(m)) for name, m in models.items()))


async def _lmstudio(ask: _Asking) -> dict[str, Mapping[str, Any]]:
    """What LM Studio says beside the protocol; nothing of other servers."""
    try:
        return _named(await ask.get(f"{ask.root}/api/v0/models"), "data", "id") or {}
    except (Declined, Unreadable):
        return {}


def _holds(model: Mapping[str, Any]) -> int | None:
    said = [*(model.get(key) for key in _HOLDS), _mapping(model.get("meta")).get("n_ctx_train")]
    return next((count for s in said if (count := reported(s))), None)


def _named(answer: Any, key: str, *names: str) -> dict[str, Mapping[str, Any]] | None:
    """The entries of a list by the first name they have; None where there is no list."""
    listed = _mapping(answer).get(key)
    if not isinstance(listed, list):
        return None
    entries = [_mapping(entry) for entry in listed]
    called = [next((e[n] for n in names if isinstance(e.get(n), str)), "") for e in entries]
    return {name: entry for name, entry in zip(called, entries, strict=True) if name}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
