"""What comes of a call, whatever the server does: over real sockets, by both protocols."""

import time
from email.utils import formatdate

import anyio
import pytest

from fakes.calls import PAID, PROTOCOLS, Caller, model
from fakes.servers import FAULTS, FOR_EVER, Says, Server, refuses
from rungbook.models.calls import CONNECTS, TRIES
from rungbook.ports import Answer, Chat

UNKNOWN, BOUND = None, 2 + 50
"""What "hello" and an answer cost whose end nobody saw: not known, or the most it can be."""

TOLD = 7 + 3
"""The tokens that the server reports."""

ENDINGS = {
    "429 then well": ("ok", 2, TOLD, 2),
    "429 for ever": ("unreachable", TRIES, 0, TRIES),
    "500 then well": ("ok", 2, TOLD, 2),
    "500 for ever": ("unreachable", TRIES, 0, TRIES),
    "503": ("unreachable", TRIES, 0, TRIES),
    "401": ("unreachable", 1, 0, 1),
    "404": ("unreachable", 1, 0, 1),
    "redirect": ("unreachable", 1, 0, 1),
    "hung up": ("unreachable", TRIES, BOUND, 1),
    "hung up after headers": ("unreachable", TRIES, BOUND, 1),
    "hung up midway": ("unusable", TRIES, UNKNOWN, 1),
    "mute": ("unreachable", 1, BOUND, 1),
    "slow first token": ("unreachable", 1, BOUND, 1),
    "stalls": ("unusable", 1, UNKNOWN, 1),
    "endless": ("unusable", 1, UNKNOWN, 1),
    "malformed": ("unusable", 1, UNKNOWN, 1),
    "huge line": ("unusable", 1, UNKNOWN, 1),
    "wrong type": ("unusable", 1, UNKNOWN, 1),
    "gzip": ("unusable", 1, UNKNOWN, 1),
    "error midway": ("unusable", 1, UNKNOWN, 1),
    "unfinished": ("unusable", TRIES, UNKNOWN, 1),
    "cut short": ("unusable", 1, TOLD, 1),
    "empty": ("unusable", 1, TOLD, 1),
    "no usage": ("ok", 1, 2 + 1, 1),
    "thinks": ("ok", 1, TOLD, 1),
    "too long": ("overflow", 1, 0, 1),
}
"""Each fault: the result, how often a free model is asked, what a paid one costs and is asked."""

SLOW = ("mute", "slow first token", "stalls")


@pytest.fixture(params=PROTOCOLS)
def caller(request: pytest.FixtureRequest, server: Server) -> Caller:
    return Caller(server, request.param)


@pytest.mark.parametrize("fault", ENDINGS)
def test_each_fault_has_its_ending_and_its_price(caller: Caller, fault: str) -> None:
    result, tries, usd, tries_paid = ENDINGS[fault]
    for paid, times, cost in ((False, tries, 0), (True, tries_paid, usd)):
        caller.server.forget()
        caller.server.says("x", FAULTS[fault])
        caller.model = model(price=PAID) if paid else model()
        answer = caller.asks(seconds=0.3 if fault in SLOW else 20)
        assert (answer.result, answer.usd) == (result, cost)
        assert bool(answer.error) == (result != "ok")
        assert len(caller.server.chats("call-1")) == len(caller.server.chats()) == times


def test_every_fault_is_looked_at() -> None:
    assert set(FAULTS) == {*ENDINGS, "hung up, then well"}


def test_a_good_answer(caller: Caller) -> None:
    caller.server.says("x", [Says("Grüße, 世界", usage=(12, 4), pieces=5)])
    assert caller.asks("say hello") == Answer("ok", "Grüße, 世界", None, 12, 4, 0.0)
    [asked] = caller.server.chats("call-1")
    assert (asked.body["model"], asked.prompt) == ("x", "say hello")
    assert asked.headers["accept-encoding"] == "identity"


def test_tokens_are_estimated_where_none_are_reported(caller: Caller) -> None:
    caller.model = model(price=PAID)
    caller.server.says("x", [Says("y" * 30, usage=None)])
    answer = caller.asks("x" * 300)
    assert (answer.tokens_in, answer.tokens_out, answer.usd) == (100, 10, 110)
    assert answer.estimated
    caller.server.says("x", [Says("y" * 3000, usage=None)])
    assert caller.asks().tokens_out == 50


@pytest.mark.parametrize("usage", [(-7, -3), (2**63, 2**64), (10**400, 10**400)])
def test_a_report_that_cannot_be_is_none(caller: Caller, usage: tuple[int, int]) -> None:
    """What is below nothing would give money back, and what is above all takes a day's."""
    caller.model = model(price=PAID)
    caller.server.says("x", [Says("ok", usage=usage)])
    answer = caller.asks()
    assert answer.usd is None or answer.usd == 3.0
    assert answer.tokens_in in (None, 2)


@pytest.mark.parametrize("charset", ["zlib_codec", "undefined", "rot13", "utf-16", "latin-1"])
def test_no_charset_of_a_server_s_is_used(caller: Caller, charset: str) -> None:
    kind = {"Content-Type": f"{caller.client.kinds[0]}; charset={charset}"}
    caller.server.says("x", [Says("ök", headers=kind)])
    assert caller.asks().text == "ök"


def test_thinking_is_no_part_of_the_answer(caller: Caller) -> None:
    caller.server.says("x", [Says("ok", thinking="hm " * 9, usage=None)])
    answer = caller.asks()
    assert (answer.text, answer.tokens_out) == ("ok", 10)
    caller.server.says("x", [Says("<think>a <b> c</think>\n\nok <think>no</think>")])
    assert caller.asks().text == "ok <think>no</think>"
    caller.server.says("x", [Says("<think>never closed")])
    assert caller.asks().text == "<think>never closed"
    caller.server.says("x", [Says("<think>all it thought</think>")])
    assert caller.asks().error == "the answer is empty"


def test_an_answer_that_was_all_thinking_says_so(caller: Caller) -> None:
    caller.server.says("x", [Says("", thinking="hm", finish="length", usage=(9, 50))])
    assert caller.asks().error == "the answer was cut off after 50 tokens, all of them for thinking"


def test_waits_grow_and_have_a_limit(caller: Caller) -> None:
    caller.server.says("x", FAULTS["500 for ever"])
    caller.asks(seconds=60)
    assert caller.waits == [0.5, 1, 2, 4]
    caller.draw, caller.waits = 0.25, []
    caller.asks(seconds=60)
    assert caller.waits == [0.125, 0.25, 0.5, 1]


@pytest.mark.parametrize("status", [429, 503, 529])
def test_the_server_says_when_to_come_back(caller: Caller, status: int) -> None:
    later = {"Retry-After": "7"}
    caller.server.says("x", [refuses(status, "later", **later), Says()])
    assert caller.asks(seconds=60).result == "ok"
    assert caller.waits == [7.5]
    date = formatdate(time.time() + 30, usegmt=True)
    caller.server.says("x", [refuses(status, "later", **{"Retry-After": date}), Says()])
    assert caller.asks(seconds=60).result == "ok"
    assert 28 < caller.waits[-1] < 31


@pytest.mark.parametrize("later", ["3600", "inf", "1e400"])
def test_nobody_waits_beyond_the_call_s_time(caller: Caller, later: str) -> None:
    caller.server.says("x", [refuses(429, "later", **{"Retry-After": later}), Says()])
    answer = caller.asks()
    assert (answer.result, caller.waits) == ("unreachable", [])
    assert "later" in str(answer.error)


@pytest.mark.parametrize(
    "later", ["-5", "nan", "tomorrow", "0", f"Mon, 01 Jan {9**30} 00:00:00 GMT"]
)
def test_a_retry_after_that_says_nothing(caller: Caller, later: str) -> None:
    caller.server.says("x", [refuses(429, "later", **{"Retry-After": later}), Says()])
    assert caller.asks().result == "ok"
    assert caller.waits == [0.5]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_nobody_answers(protocol: str) -> None:
    with Server() as gone:
        pass
    caller = Caller(gone, protocol, model(price=PAID))
    answer = caller.asks()
    assert (answer.result, answer.usd) == ("unreachable", 0)
    assert str(answer.error).startswith(f"nobody answers at {caller.client.host.url}")
    assert len(caller.waits) == CONNECTS - 1


def test_a_cancelled_call_leaves_nothing_open(caller: Caller) -> None:
    caller.server.says("x", [Says(wait=FOR_EVER)])

    async def cancelled() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(caller.client.answer, Chat("hello", 60))
            await anyio.to_thread.run_sync(caller.server.until, 1)
            group.cancel_scope.cancel()
        await anyio.to_thread.run_sync(caller.server.idle)

    anyio.run(cancelled)


def test_a_proxy_of_the_environment_is_not_used(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert caller.asks().result == "ok"


def test_a_prompt_that_is_no_proper_text_is_sent_as_one(caller: Caller) -> None:
    assert caller.asks("a\udcff").result == "ok"
    assert caller.server.chats()[0].prompt == "a?"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "This model's maximum context length is 4096 tokens, however you requested 9000"),
        (400, "the request exceeds the available context size, try increasing it"),
        (400, "prompt is too long: 213000 tokens > 200000 maximum"),
        (400, "input length and `max_tokens` exceed context limit: 9 + 9 > 10"),
        (400, "The input token count (9) exceeds the maximum number of tokens allowed (8)."),
        (400, "Trying to keep the first 9 tokens when context the overflows."),
        (500, "the input length exceeds the context length"),
        (413, "payload too large"),
    ],
)
def test_a_text_that_is_too_long_is_no_failure_of_the_host(
    caller: Caller, status: int, said: str
) -> None:
    caller.server.says("x", [refuses(status, said)])
    answer = caller.asks()
    assert (answer.result, answer.usd, caller.waits) == ("overflow", 0, [])
    assert said in str(answer.error)


def test_a_refusal_says_what_to_do(caller: Caller) -> None:
    caller.server.has({"y": 10})
    step = {"ollama": "`ollama pull x`", "openai-compatible": "load `x` there"}[caller.protocol]
    assert step in str(caller.asks().error)
    caller.server.forget()
    caller.server.says("x", [refuses(401, "who are you")])
    assert "wants a key" in str(caller.asks().error)
