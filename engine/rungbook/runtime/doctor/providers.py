"""The hosts that the rulebook's Models name: whether each answers, and what it has."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import anyio

from rungbook.models.installed import Seen, look
from rungbook.render.text import count
from rungbook.rulebook.model import Model
from rungbook.rulebook.snapshot import Rulebook
from rungbook.runtime.doctor.signs import Sign, fail, ok, warn
from rungbook.runtime.providers import HOSTS
from rungbook.settings import Host, Settings, file

SECONDS = 2.0
"""How long a host has to say what it has; all are asked at once."""

_STARTS: Mapping[str, str] = {"lmstudio": "lms server start", "ollama": "ollama serve"}
"""The command that starts the server behind a host of the default settings."""


@dataclass(frozen=True, slots=True)
class Server:
    """A host of Models; `host` is None where the settings have none, `seen` where it is not asked.

    `no_key`: the variable that would have to hold its key, and does not.
    """

    name: str
    protocol: str
    host: Host | None = None
    seen: Seen | None = None
    no_key: str = ""

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine: only there is http private."""
        return self.host is not None and self.host.is_private and self.host.url.startswith("http:")

    @property
    def answers(self) -> bool:
        """Whether its models can be used."""
        return self.seen is not None and self.seen.reachable

    @property
    def keeps_key(self) -> bool:
        """Whether others could read its key along the way, so that it is never sent."""
        return self.host is not None and self.host.key is not None and not self.host.is_private


Servers = Mapping[tuple[str, str], Server]
"""By (name of the host, protocol)."""


def server_of(model: Model) -> tuple[str, str] | None:
    """The key of a Model's server; None for a command."""
    provider = model.provider
    return (provider.host or HOSTS[provider.type], provider.type) if provider else None


async def gather(rulebook: Rulebook, settings: Settings) -> Servers:
    """Look at each host once, all at the same time."""
    keys = sorted({key for m in rulebook.models.values() if (key := server_of(m))})
    found: dict[tuple[str, str], Server] = {}

    async def ask(name: str, protocol: str) -> None:
        server = _known(name, protocol, settings)
        if server.host and not server.no_key and not server.keeps_key:
            seen = await look(protocol, server.host, SECONDS)
            server = Server(name, protocol, server.host, seen)
        found[name, protocol] = server

    async with anyio.create_task_group() as tasks:
        for key in keys:
            tasks.start_soon(ask, *key)
    return {key: found[key] for key in keys}


def _known(name: str, protocol: str, settings: Settings) -> Server:
    """What is known of a host before it is asked."""
    host = settings.hosts.get(name)
    variable = host.key.env if host and host.key else None
    has_key = not variable or os.environ.get(variable, "").strip()
    return Server(name, protocol, host, no_key="" if has_key else str(variable))


def judge(servers: Servers) -> Iterator[Sign]:
    """What is said of each host."""
    for server in servers.values():
        yield _sign(server)


def _sign(server: Server) -> Sign:
    name, host, seen = server.name, server.host, server.seen
    if host is None:
        step = f"add [hosts.{name}] with its `url` to {file()}"
        return warn(name, "there is no such host in the settings", step)
    if server.keeps_key:
        return fail(name, f"{host.url} is not https, so its key is not sent", f"https in {file()}")
    if server.no_key:
        return warn(name, f"there is no key in {server.no_key}", f"export {server.no_key}=…")
    if seen is None or not seen.reachable:
        there = f"check its url and its key in {file()}"
        start = _STARTS.get(name, f"start it, or {there}") if server.is_here else there
        return warn(name, seen.why if seen else f"{host.url} was not asked", start)
    version = f", version {seen.version}" if seen.version else ""
    models = "says nothing of models" if seen.models is None else count(len(seen.models), "model")
    return ok(name, f"{host.url}{version}, {models}")
