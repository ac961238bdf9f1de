"""Keys: where they come from, where they go, and that nobody sees them."""

import logging
import sys

import anyio
import pytest

from fakes.calls import PROTOCOLS, Caller
from fakes.servers import Says, Server, refuses
from rungbook.models.installed import look
from rungbook.models.keys import NoKey, secret
from rungbook.settings import Host, Key

CANARY = "sk-canary-7b1f"
HERE = "http://127.0.0.1:1/v1"


def fetched(key: Key, url: str = HERE) -> str | None:
    return anyio.run(secret, Host(url=url, key=key))


def script(code: str) -> Key:
    return Key(command=(sys.executable, "-c", f"import os, sys; {code}"))


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", f" {CANARY}\n")
    assert fetched(Key(env="MY_KEY")) == CANARY


def test_from_a_command_that_has_the_user_s_own_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STORE", CANARY)
    code = "print('unlocking', file=sys.stderr); print(os.environ['STORE'])"
    assert fetched(script(code)) == CANARY
    home = script("print(os.environ['HOME'] == os.getcwd())")
    assert fetched(home) == "True"


@pytest.mark.parametrize(
    "key",
    [
        Key(env="NOT_SET"),
        Key(command=("no-such-store", CANARY)),
        script("sys.exit(1)"),
        script(f"print('{CANARY}'); sys.exit(1)"),
        script("pass"),
        script(f"print('{CANARY}'); print('{CANARY}')"),
        script(f"print('{CANARY}é')"),
    ],
)
def test_no_key_says_why_and_nothing_more(key: Key) -> None:
    with pytest.raises(NoKey) as told:
        fetched(key)
    assert CANARY not in str(told.value)


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("https://api.example.com/v1", True),
        ("http://localhost:1234", True),
        ("http://127.8.0.1", True),
        ("http://[::1]:5", True),
        ("http://192.168.0.2:1234", False),
        ("http://localhost.example.com", False),
    ],
)
def test_a_key_goes_only_where_nobody_reads_along(
    monkeypatch: pytest.MonkeyPatch, url: str, private: bool
) -> None:
    monkeypatch.setenv("MY_KEY", CANARY)
    if private:
        assert fetched(Key(env="MY_KEY"), url) == CANARY
    else:
        with pytest.raises(NoKey, match="only over https or to this machine"):
            fetched(Key(env="MY_KEY"), url)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_it_is_sent_and_never_shown(
    server: Server,
    protocol: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("MY_KEY", CANARY)
    caplog.set_level(logging.DEBUG)
    caller = Caller(server, protocol, key=Key(env="MY_KEY"))
    answers = [
        refuses(401, f"wrong key {CANARY}"),
        refuses(400, f"wrong key {CANARY}"),
        refuses(400, f"wrong key {CANARY.upper()}"),
        Says(fault="error midway"),
        Says(),
    ]
    server.says("x", answers)
    told = [caller.asks() for _ in answers]
    assert [a.result for a in told] == [*["unreachable"] * 3, "unusable", "ok"]
    seen = look(protocol, caller.client.host, 5)

    async def looked() -> object:
        return await seen

    told_too = anyio.run(looked)
    assert {r.headers["authorization"] for r in server.seen()} == {f"Bearer {CANARY}"}
    assert CANARY not in repr((told, told_too, caller.client, caller.client.host)).lower()
    assert CANARY not in caplog.text


def test_a_call_without_its_key_is_not_made(server: Server) -> None:
    caller = Caller(server, "openai-compatible", key=Key(env="NOT_SET"))
    answer = caller.asks()
    assert (answer.result, answer.usd) == ("unreachable", 0)
    assert answer.error == "there is no key: set NOT_SET in the environment"
    assert server.seen() == []
