"""This machine's choices, from RUNGBOOK_* and a settings file; rules are specs, never settings."""

import os
import re
import tomllib
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from rungbook.errors import NotFound, UsageError

DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "lmstudio": {"url": "http://127.0.0.1:1234/v1"},
    "ollama": {"url": "http://127.0.0.1:11434"},
    "anthropic": {"url": "https://api.anthropic.com/v1", "key": {"env": "ANTHROPIC_API_KEY"}},
    "gemini": {
        "url": "https://generativelanguage.googleapis.com/v1beta/openai",
        "key": {"env": "GEMINI_API_KEY"},
    },
    "openai": {"url": "https://api.openai.com/v1", "key": {"env": "OPENAI_API_KEY"}},
}
"""Hosts that need no setting: where each product's own manual says that it answers."""

_PLAIN = re.compile(r"[!-\[\]-~]{1,2000}")
"""What is the same address to whoever reads it: ASCII without spaces and backslashes."""

_OLLAMA_PORT = 11434
"""Where OLLAMA_HOST names no port and no scheme."""

_ONLY = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Key(BaseModel):
    """Where a key comes from: a variable of the environment, or what a command writes."""

    model_config = _ONLY

    env: str | None = Field(default=None, min_length=1)
    command: tuple[str, ...] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.env is None) == (self.command is None):
            raise ValueError("it has either `env` or `command`")
        return self


def _address(url: str) -> str:
    """The address as it is used; ValueError for one that could not be, or that holds a secret."""
    if not _PLAIN.fullmatch(url):
        raise ValueError("an address has only plain characters, and no space")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address is http://HOST:PORT/PATH or https://HOST/PATH")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("an address holds no password and no query; a key has its own setting")
    if parts.port == 0:
        raise ValueError("there is no port 0")
    if "[" in parts.netloc or not parts.hostname.strip("0123456789."):
        ip_address(parts.hostname)
    return url.rstrip("/")


class Host(BaseModel):
    """A server that answers: its address, and the key it wants, if any."""

    model_config = _ONLY

    url: Annotated[str, AfterValidator(_address)]
    key: Key | None = None

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can read along: https, or this very machine."""
        parts = urlsplit(self.url)
        return parts.scheme == "https" or _is_loopback(parts.hostname or "")


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


class Settings(BaseSettings):
    """`matrix`: the EscalationMatrix that runs take; `specs`: the folder that specs come from.

    `hosts`: where models answer. The environment wins over the file. Raises UsageError for a
    setting that cannot be.
    """

    model_config = SettingsConfigDict(
        env_prefix="RUNGBOOK_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    matrix: str = "coding"
    specs: Path | None = None
    hosts: dict[str, Host] = Field(default_factory=dict, validate_default=True)

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as e:
            said = "; ".join(_told(f["loc"], f["msg"]) for f in e.errors())
        except SettingsError as e:
            said = str(e)
        except RecursionError:
            said = "a variable is nested too deeply"
        else:
            return
        raise UsageError(f"settings: {said}", f"they come from RUNGBOOK_* and {file()}")

    @field_validator("hosts", mode="before")
    @classmethod
    def _beside_the_defaults(cls, given: Any) -> Any:
        """A host that is known need not be said whole; a variable's name has no hyphen."""
        if not isinstance(given, Mapping):
            return given
        named = {str(name).replace("_", "-"): said for name, said in given.items()}
        return {
            name: {**DEFAULTS.get(name, {}), **said} if isinstance(said := v, Mapping) else v
            for name, v in {**DEFAULTS, **named}.items()
        }

    def host(self, name: str) -> Host:
        """The host of that name; NotFound where the settings have none."""
        if name not in self.hosts:
            known = ", ".join(sorted(self.hosts))
            step = f"add it to {file()}: [hosts.{name}] with `url`"
            raise NotFound(f"there is no host `{name}` in the settings: {known}", step)
        return self.hosts[name]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Our own variables, then Ollama's, then the file; never a file of the folder we are in."""
        later = (_ollama_host(), _file(set(cls.model_fields)))
        sources = (InitSettingsSource(settings_cls, found) for found in later)
        return init_settings, env_settings, *sources


def file() -> Path:
    """The settings file; a relative XDG_CONFIG_HOME counts as unset, as XDG specifies."""
    named = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    home = named if named.is_absolute() else Path.home() / ".config"
    return home / "rungbook" / "settings.toml"


def _file(known: set[str]) -> dict[str, Any]:
    """What the settings file says; nothing where there is none."""
    path = file()
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as e:
        raise UsageError(f"{path} cannot be read: {e.strerror}") from None
    except ValueError as e:
        raise UsageError(f"{path} is no TOML: {e}") from None
    except RecursionError:
        raise UsageError(f"{path} is no TOML: it is nested too deeply") from None
    if unknown := sorted(set(found) - known):
        step = f"there are {', '.join(sorted(known))}"
        raise UsageError(f"{path}: there is no setting `{unknown[0]}`", step)
    return found


def _ollama_host() -> dict[str, Any]:
    """OLLAMA_HOST as Ollama reads it: scheme and port may be missing, 0.0.0.0 is this machine."""
    said = os.environ.get("OLLAMA_HOST", "").strip()
    if not said:
        return {}
    try:
        url = _reached(said)
    except ValueError:
        raise UsageError("OLLAMA_HOST is no address", "OLLAMA_HOST=127.0.0.1:11434") from None
    return {"hosts": {"ollama": {"url": url}}}


def _reached(said: str) -> str:
    """Where a client connects to, for an address that may be meant for a server."""
    bare = "://" not in said
    parts = urlsplit(f"http://{said}" if bare else said)
    name = parts.hostname or "127.0.0.1"
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(name, name)  # noqa: S104 - read, not bound
    port = parts.port or (_OLLAMA_PORT if bare else None)
    place = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{place}{f':{port}' if port else ''}{parts.path}"


def _told(place: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join(map(str, place))}: {message.removeprefix('Value error, ')}"
