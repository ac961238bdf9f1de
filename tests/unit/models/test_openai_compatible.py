"""What is special to OpenAI's protocol."""

import json
from typing import Any

import pytest

from fakes.calls import Caller, model
from fakes.servers import Says, Server, refuses

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}


@pytest.fixture
def caller(server: Server) -> Caller:
    return Caller(server, "openai-compatible")


def bodies(caller: Caller) -> list[dict[str, Any]]:
    return [request.body for request in caller.server.chats()]


def test_options_are_merged_and_lift_no_bound(caller: Caller) -> None:
    caller.model = model(options={"temperature": 0, "max_tokens": 9999, "stream": False})
    caller.asks()
    [body] = bodies(caller)
    assert (body["temperature"], body["max_tokens"], body["stream"]) == (0, 50, True)
    assert body["stream_options"] == {"include_usage": True}
    assert "response_format" not in body


def test_the_newer_name_of_the_bound_where_the_spec_uses_it(caller: Caller) -> None:
    caller.model = model(options={"max_completion_tokens": 9999})
    caller.asks()
    assert bodies(caller)[0]["max_completion_tokens"] == 50
    assert "max_tokens" not in bodies(caller)[0]


def test_an_answer_by_a_schema(caller: Caller) -> None:
    caller.server.says("x", [Says('{"a": 1}')])
    assert caller.asks(schema=SCHEMA).text == '{"a": 1}'
    asked = bodies(caller)[0]["response_format"]
    assert asked["type"] == "json_schema"
    assert asked["json_schema"]["schema"] == SCHEMA


@pytest.mark.parametrize("said", ["'response_format' is unknown", "no json_schema here"])
def test_a_schema_that_is_refused_is_left_out_once(caller: Caller, said: str) -> None:
    caller.server.says("x", [refuses(400, said), Says("{}")])
    assert caller.asks(schema=SCHEMA).result == "ok"
    assert ["response_format" in body for body in bodies(caller)] == [True, False]
    assert caller.waits == []
    caller.server.forget()
    caller.server.says("x", [refuses(400, said)])
    assert caller.asks(schema=SCHEMA).result == "unreachable"
    assert len(bodies(caller)) == 2


def test_a_server_that_reports_no_usage_in_streams(caller: Caller) -> None:
    caller.server.says("x", [refuses(422, "stream_options: extra field"), Says()])
    answer = caller.asks()
    assert (answer.result, answer.estimated) == ("ok", True)


def test_any_other_refusal_is_not_repeated(caller: Caller) -> None:
    caller.server.says("x", [refuses(400, "bad temperature")])
    answer = caller.asks(schema=SCHEMA)
    assert answer.error == f"{caller.server.openai_url} answers HTTP 400: bad temperature"
    assert len(bodies(caller)) == 1


def test_comments_before_the_answer(caller: Caller) -> None:
    caller.server.says("x", [Says("ok", lead=": keepalive\n\n: keepalive\n\n")])
    assert caller.asks().text == "ok"


def events(*values: object) -> Says:
    """An answer in raw events, with nothing of the server's own."""
    lead = "".join(f"data: {v if isinstance(v, str) else json.dumps(v)}\n\n" for v in values)
    return Says("", lead=lead, finish=None, usage=None)


def piece(text: object, **more: object) -> dict[str, Any]:
    return {"choices": [{"delta": {"content": text}, **more}]}


@pytest.mark.parametrize(
    "last",
    [["[DONE]"], [piece("", finish_reason="stop")], [piece(None), {"choices": []}, "[DONE]"]],
)
def test_streams_end_in_several_ways(caller: Caller, last: list[object]) -> None:
    caller.server.says("x", [events({"choices": []}, piece("o"), piece("k"), *last)])
    answer = caller.asks()
    assert (answer.result, answer.text) == ("ok", "ok")


@pytest.mark.parametrize(
    "value",
    ["[1]", "1", "null", "[" * 10_000, '{"choices": [', "{'a': 1}", '{"choices": 1}',
     '{"choices": {"a": 1}}', '{"choices": ["x"]}', '{"choices": [{"delta": "x"}]}',
     piece(["no text"]), piece({"a": 1}), '"\\ud800"'],
)  # fmt: skip
def test_what_is_not_of_the_protocol_is_malformed(caller: Caller, value: object) -> None:
    caller.server.says("x", [events(piece("a"), value, "[DONE]")])
    answer = caller.asks()
    assert answer.result == "unusable"
    assert "stream" in str(answer.error) or "no text" in str(answer.error)
    assert len(bodies(caller)) == 1


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"prompt_tokens": 5, "completion_tokens": 2}, (5, 2)),
        ({"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 17}, (5, 12)),
        ({"prompt_tokens": 0, "completion_tokens": 0}, (2, 1)),
        ({"prompt_tokens": "5", "completion_tokens": -2}, (2, 1)),
        ({}, (2, 1)),
        ([], (2, 1)),
    ],
)
def test_usage_that_can_be_believed(caller: Caller, usage: object, tokens: tuple[int, int]) -> None:
    caller.server.says("x", [events(piece("ok"), {"choices": [], "usage": usage}, "[DONE]")])
    answer = caller.asks()
    assert (answer.tokens_in, answer.tokens_out) == tokens


def test_a_text_that_is_too_long_said_within_the_answer(caller: Caller) -> None:
    error = {"error": {"message": "Trying to keep the first 9 tokens when context the overflows"}}
    caller.server.says("x", [events(error)])
    assert caller.asks().result == "overflow"


def test_an_answer_that_is_withheld(caller: Caller) -> None:
    caller.server.says("x", [Says("I ca", finish="content_filter")])
    assert caller.asks().error == "the provider withheld the answer"


def test_an_address_without_its_version(caller: Caller) -> None:
    path = "/v1/chat/completions"
    said = '{"error": "Unexpected endpoint"}'
    caller.server.serves(path, said, kind="application/json")
    answer = caller.asks()
    assert answer.result == "unusable"
    assert "Unexpected endpoint" in str(answer.error)
