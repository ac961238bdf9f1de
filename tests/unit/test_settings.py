"""This machine's choices: defaults, the file, the environment, and what is said of a wrong one."""

from pathlib import Path

import pytest

from rungbook.errors import NotFound, UsageError
from rungbook.settings import DEFAULTS, Key, Settings, file

pytestmark = pytest.mark.usefixtures("no_settings")

CANARY = "sk-canary-7b1f"


def says(text: str) -> None:
    file().parent.mkdir(parents=True, exist_ok=True)
    file().write_text(text, "utf-8")


def url(name: str) -> str:
    return Settings().host(name).url


def test_the_defaults_are_hosts_that_can_be_used() -> None:
    settings = Settings()
    assert set(settings.hosts) == set(DEFAULTS)
    assert all(host.is_private for host in settings.hosts.values())


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    says("matrix = 'file'\n[hosts.lmstudio]\nurl = 'http://file/v1'\nkey = {env = 'K'}\n")
    assert url("lmstudio") == "http://file/v1"
    monkeypatch.setenv("RUNGBOOK_HOSTS__LMSTUDIO__URL", "http://10.0.0.1:1/v1/")
    host = Settings().host("lmstudio")
    assert (host.url, host.key) == ("http://10.0.0.1:1/v1", Key(env="K"))
    assert Settings().matrix == "file"
    monkeypatch.setenv("RUNGBOOK_MATRIX", "environment")
    assert Settings().matrix == "environment"


def test_a_default_keeps_what_is_not_said_anew() -> None:
    says("[hosts.openai]\nurl = 'https://eu.api.openai.com/v1'\n")
    assert Settings().host("openai").key == Key(env="OPENAI_API_KEY")


def test_a_host_of_one_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNGBOOK_HOSTS__MY_VLLM__URL", "http://127.0.0.1:8000/v1")
    monkeypatch.setenv("RUNGBOOK_HOSTS__MY_VLLM__KEY__COMMAND", '["pass", "vllm"]')
    host = Settings().host("my-vllm")
    assert (host.url, host.key) == ("http://127.0.0.1:8000/v1", Key(command=("pass", "vllm")))


def test_a_host_that_is_not_there() -> None:
    with pytest.raises(NotFound, match="no host `x` in the settings: anthropic, gemini, "):
        Settings().host("x")


@pytest.mark.parametrize(
    ("said", "reached"),
    [
        ("0.0.0.0", "http://127.0.0.1:11434"),  # noqa: S104
        ("0.0.0.0:5", "http://127.0.0.1:5"),
        ("[::]:5", "http://[::1]:5"),
        (":5", "http://127.0.0.1:5"),
        ("box", "http://box:11434"),
        ("http://box", "http://box"),
        ("https://box/ollama/", "https://box/ollama"),
        ("  ", "http://127.0.0.1:11434"),
    ],
)
def test_ollama_host_as_its_own_users_write_it(
    monkeypatch: pytest.MonkeyPatch, said: str, reached: str
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", said)
    assert url("ollama") == reached
    monkeypatch.setenv("RUNGBOOK_HOSTS__OLLAMA__URL", "http://ours")
    assert url("ollama") == "http://ours"


@pytest.mark.parametrize(
    "text",
    [
        "matrix = [",
        "matrx = 'x'",
        "matrix = 1",
        "hosts = 1",
        "hosts.x = 1",
        "[hosts.x]",
        f"[hosts.x]\nurl = 'http://a'\nkey = '{CANARY}'",
        f"[hosts.x]\nurl = 'http://a'\nkey = {{value = '{CANARY}'}}",
        f"[hosts.x]\nurl = 'http://a'\nkey = {{env = 'A', command = ['{CANARY}']}}",
        "[hosts.x]\nurl = 'http://a'\nkey = {command = []}",
        f"[hosts.x]\nurl = 'https://me:{CANARY}@a'",
        f"[hosts.x]\nurl = 'https://a/?key={CANARY}'",
        "[hosts.x]\nurl = 'ftp://a'",
        "[hosts.x]\nurl = 'a:80'",
        "[hosts.x]\nurl = 'http://a:99999'",
        "[hosts.x]\nurl = 'http://a:0'",
        "[hosts.x]\nurl = 'http://[a'",
        "[hosts.x]\nurl = 'http://[v1.a]'",
        "[hosts.x]\nurl = 'http://999.0.0.1'",
        '[hosts.x]\nurl = "http://local\\thost"',
        "[hosts.x]\nurl = 'http://127.0.0.1\\@a'",
        "[hosts.x]\nurl = 'http://\u2603'",
        f"[hosts.x]\nurl = 'http://a/{'a' * 2000}'",
        f"a = {'[' * 5000}",
        "[hosts.x]\nurl = 'http://a'\nport = 1",
    ],
)
def test_a_wrong_file_is_one_clear_error_without_a_key(text: str) -> None:
    says(text)
    with pytest.raises(UsageError) as told:
        Settings()
    assert "settings" in str(told.value)
    assert CANARY not in str(told.value) + told.value.next_step
    assert str(file()) in str(told.value) + told.value.next_step


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RUNGBOOK_HOSTS", CANARY),
        ("RUNGBOOK_HOSTS", "[" * 100_000),
        ("RUNGBOOK_HOSTS__X__URL", f"https://{CANARY}@a"),
        ("RUNGBOOK_HOSTS__X__ULR", "http://a"),
        ("RUNGBOOK_HOSTS__OPENAI__KEY", CANARY),
        ("OLLAMA_HOST", "a:port"),
        ("OLLAMA_HOST", "[a"),
    ],
)
def test_a_wrong_variable_is_one_clear_error_without_a_key(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError) as told:
        Settings()
    assert CANARY not in str(told.value) + told.value.next_step


def test_a_file_that_cannot_be_read() -> None:
    file().mkdir(parents=True)
    with pytest.raises(UsageError, match="cannot be read"):
        Settings()


def test_no_file_of_the_folder_we_are_in_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("RUNGBOOK_MATRIX=theirs\n")
    (tmp_path / "settings.toml").write_text("matrix = 'theirs'\n")
    monkeypatch.chdir(tmp_path)
    assert Settings().matrix == "coding"
    monkeypatch.setenv("XDG_CONFIG_HOME", ".")
    assert Settings().matrix == "coding"
