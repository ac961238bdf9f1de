"""What is special to Ollama's protocol."""

from typing import Any

import pytest

from fakes.calls import Caller, model
from fakes.servers import Says, Server
from rungbook.models import ollama


@pytest.fixture
def caller(server: Server) -> Caller:
    return Caller(server, "ollama")


def body(caller: Caller) -> dict[str, Any]:
    [request] = caller.server.chats()
    assert isinstance(request.body, dict)
    return request.body


def test_the_context_is_always_set_and_options_lift_no_bound(caller: Caller) -> None:
    options = {"temperature": 0, "num_ctx": 9999, "num_predict": -1, "own": {"a": 1}}
    caller.model = model(options={**options, "think": True, "keep_alive": "5m"})
    caller.asks()
    sent = body(caller)
    expected = {"temperature": 0, "num_ctx": 1000, "num_predict": 50, "own": {"a": 1}}
    assert sent["options"] == expected
    assert (sent["think"], sent["keep_alive"]) == (True, "5m")


def test_what_the_spec_does_not_say_is_not_sent(caller: Caller) -> None:
    caller.model = model(context_tokens=None, output_tokens=None)
    caller.asks()
    assert body(caller)["options"] == {}
    assert "format" not in body(caller)


def test_an_answer_by_a_schema(caller: Caller) -> None:
    caller.asks(schema={"type": "object"})
    assert body(caller)["format"] == {"type": "object"}


@pytest.mark.parametrize(
    ("usage", "loaded", "result"),
    [
        ((999, 1), None, "ok"),
        ((1000, 1), None, "overflow"),
        ((999, 2), None, "overflow"),
        ((511, 1), 512, "ok"),
        ((512, 1), 512, "overflow"),
        ((511, 2), 512, "overflow"),
        ((511, 2), 4096, "ok"),
        (None, 512, "ok"),
        (None, 20, "overflow"),
    ],
)
def test_what_ollama_drops_silently_is_found_out(
    caller: Caller, usage: tuple[int, int] | None, loaded: int | None, result: str
) -> None:
    caller.server.has({"x": 4096}, {"y": 1, "x:latest": loaded} if loaded else {"y": 1})
    caller.server.says("x", [Says(usage=usage)])
    answer = caller.asks("word " * 20)
    assert answer.result == result
    assert ("dropped a part" in (answer.error or "")) == (result == "overflow")


def test_an_answer_does_not_wait_for_the_look_after_it(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller.server.serves("/api/ps", "", kind="mute")
    assert caller.asks(seconds=0.5).result == "ok"
    monkeypatch.setattr(ollama, "_LOOK_S", 0.1)
    assert caller.asks(seconds=3600).result == "ok"


@pytest.mark.parametrize(
    ("status", "said"), [(500, ""), (200, "{"), (200, "[]"), (200, '{"models": [{}]}')]
)
def test_an_answer_stands_though_the_look_after_it_fails(
    caller: Caller, status: int, said: str
) -> None:
    caller.server.serves("/api/ps", said, status, "application/json")
    assert caller.asks().result == "ok"


@pytest.mark.parametrize(
    "line", ["[1]", "1", "null", '"a"', "{", '{"message": 1}', '{"done": true}', "[" * 100_000]
)
def test_what_is_not_of_the_protocol_is_malformed(caller: Caller, line: str) -> None:
    caller.server.says("x", [Says("a", lead=f"{line}\n")])
    assert caller.asks().error == "the answer is no stream of Ollama's"


def test_an_api_key_of_ollama_s_own_is_not_sent(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", "canary")
    caller.asks()
    assert not any("canary" in str(request.headers) for request in caller.server.seen())
