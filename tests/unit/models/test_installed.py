"""What a host is seen to have."""

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from fakes.servers import Server
from rungbook.models.installed import Installed, Seen, look
from rungbook.settings import Host, Key

BOTH = (Installed("a:1b", 4096), Installed("b", 8192))


def looked(protocol: str, url: str, seconds: float = 10) -> Seen:
    return anyio.run(look, protocol, Host(url=url), seconds)


def test_models_of_ollama_and_what_they_hold(server: Server) -> None:
    server.has({"a:1b": 4096, "b": 8192})
    assert looked("ollama", server.ollama_url) == Seen(True, "", "0.12.0", BOTH)


def test_a_model_that_cannot_be_shown_is_listed(server: Server) -> None:
    server.has({"a:1b": 4096})
    server.serves("/api/show", "{}", 500, "application/json")
    assert looked("ollama", server.ollama_url).models == (Installed("a:1b"),)


def test_models_of_lm_studio_and_what_they_hold(server: Server) -> None:
    server.has({"a:1b": 4096, "b": 8192})
    assert looked("openai-compatible", server.openai_url) == Seen(True, "", None, BOTH)


@pytest.mark.parametrize(
    ("entry", "holds"),
    [
        ('{"id": "m", "max_model_len": 512}', 512),
        ('{"id": "m", "context_length": 512}', 512),
        ('{"id": "m", "meta": {"n_ctx_train": 512}}', 512),
        ('{"id": "m", "meta": null, "max_model_len": "512"}', None),
    ],
)
def test_where_servers_say_what_a_model_holds(
    server: Server, entry: str, holds: int | None
) -> None:
    server.serves("/v1/models", f'{{"data": [{entry}, 1, {{}}]}}')
    server.serves("/api/v0/models", "no", 404)
    assert looked("openai-compatible", server.openai_url).models == (Installed("m", holds),)


@pytest.mark.parametrize(
    ("said", "status"), [("", 200), ("{}", 200), ("[]", 200), ("null", 200), ("no", 404)]
)
def test_a_server_that_does_not_say_is_reachable(server: Server, said: str, status: int) -> None:
    server.serves("/v1/models", said, status)
    assert looked("openai-compatible", server.openai_url) == Seen(True)


def test_no_model_is_not_the_same_as_no_word(server: Server) -> None:
    server.has({})
    assert looked("openai-compatible", server.openai_url).models == ()
    assert looked("ollama", server.ollama_url).models == ()


@pytest.mark.parametrize("protocol", ["ollama", "openai-compatible"])
def test_why_a_host_cannot_be_used(server: Server, protocol: str) -> None:
    with Server() as gone:
        pass
    seen = looked(protocol, gone.url)
    assert (seen.reachable, seen.models) == (False, None)
    assert seen.why.startswith(f"nobody answers at {gone.url}")
    for path in ("/api/version", "/v1/models"):
        server.serves(path, "no", 401)
    seen = looked(protocol, server.openai_url if protocol != "ollama" else server.url)
    assert not seen.reachable
    assert "without a key" in seen.why


def test_a_host_that_is_silent(server: Server) -> None:
    server.serves("/api/version", "", 200, "mute")
    seen = looked("ollama", server.ollama_url, seconds=0.2)
    assert seen == Seen(False, f"{server.ollama_url} does not answer within 0.2 s")


@pytest.mark.parametrize("line", ["HTTP/1.1 {}", "{}", "HTTP/1.1 500 {}", "HTTP/1.1 200 OK\r\n{}"])
def test_a_key_that_a_host_says_back_is_not_told(
    monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setenv("KEY", "canary-1")

    async def echo(client: SocketStream) -> None:
        async with client:
            await client.receive()
            await client.send(f"{line.format('canary-1')}\r\n\r\n".encode())

    async def told() -> Seen:
        async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
            [one] = listener.listeners
            port = one.extra_attributes[SocketAttribute.local_port]()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(listener.serve, echo)
                host = Host(url=f"http://127.0.0.1:{port}", key=Key(env="KEY"))
                seen = await look("ollama", host, 10)
                tasks.cancel_scope.cancel()
        return seen

    seen = anyio.run(told)
    assert not seen.reachable
    assert "canary" not in seen.why
