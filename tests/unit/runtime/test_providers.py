"""Who does the work of a Model on this machine."""

import anyio
import pytest

from fakes.servers import Says, Server
from rungbook.models.command import CommandWorker
from rungbook.ports import Answer, Chat, ChatModel
from rungbook.rulebook.model import Model, Provider, Variant
from rungbook.runtime.chat import ChatWorker
from rungbook.runtime.providers import here

pytestmark = pytest.mark.usefixtures("no_settings")


def behind(protocol: str, host: str | None = None) -> Model:
    variants = (Variant("b", 0.5, "other"),)
    return Model("m", "small", Provider(protocol, "one", host), variants=variants)


def asks(chat: ChatModel) -> Answer:
    return anyio.run(chat.answer, Chat("hello", 10))


@pytest.mark.parametrize(
    ("protocol", "host", "variable"),
    [
        ("openai-compatible", None, "RUNGBOOK_HOSTS__LMSTUDIO__URL"),
        ("openai-compatible", "box", "RUNGBOOK_HOSTS__BOX__URL"),
        ("ollama", None, "OLLAMA_HOST"),
    ],
)
def test_a_model_is_asked_where_the_settings_say(
    monkeypatch: pytest.MonkeyPatch, protocol: str, host: str | None, variable: str
) -> None:
    with Server() as server:
        monkeypatch.setenv(variable, server.url if protocol == "ollama" else server.openai_url)
        server.says("one", [Says("it is one")])
        server.says("other", [Says("it is the other")])
        model = behind(protocol, host)
        assert asks(here().chat(model)).text == "it is one"
        assert asks(here().chat(model, "b")).text == "it is the other"


def test_a_host_that_the_settings_lack_is_told_when_it_is_asked() -> None:
    answer = asks(here().chat(behind("ollama", "nowhere")))
    assert (answer.result, answer.usd) == ("unreachable", 0)
    assert "there is no host `nowhere` in the settings" in str(answer.error)
    assert "[hosts.nowhere]" in str(answer.error)


def test_a_command_works_and_answers_nothing() -> None:
    tool = Model("tool", "tool", command=("true",))
    assert here().worker(tool, None, "") == CommandWorker(("true",))
    assert asks(here().chat(tool)).result == "unreachable"
    assert isinstance(here().worker(behind("ollama"), None, "{{ task }}"), ChatWorker)
