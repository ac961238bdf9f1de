"""All groups, gathered side by side, and what is said of them, in the order of the report."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
from anyio import to_thread

from rungbook import paths
from rungbook.runtime.doctor import isolation, models, providers, rules, state, tools
from rungbook.runtime.doctor.isolation import Walls
from rungbook.runtime.doctor.models import Machine
from rungbook.runtime.doctor.providers import Servers
from rungbook.runtime.doctor.rules import Rules
from rungbook.runtime.doctor.signs import Sign, skip
from rungbook.runtime.doctor.state import State
from rungbook.runtime.doctor.tools import Tools

Report = Mapping[str, tuple[Sign, ...]]
"""What is said, by group."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that was gathered."""

    rules: Rules
    tools: Tools
    walls: Walls
    state: State
    machine: Machine
    servers: Servers = field(default_factory=dict)


async def examine(repo: Path, specs: Path | None = None) -> Report:
    """The report on this machine, for a project and the specs that would decide there."""
    return judge(await gather(repo.resolve(), specs))


async def gather(repo: Path, specs: Path | None) -> Facts:
    """All facts; what needs no rulebook does not wait for one, and hosts are asked meanwhile."""
    found: dict[str, Any] = {"machine": models.gather()}

    async def by_rules() -> None:
        known = found["rules"] = await to_thread.run_sync(rules.gather, specs)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(note, "tools", tools.gather, repo, known.rulebook)
            if known.rulebook and known.settings:
                found["servers"] = await providers.gather(known.rulebook, known.settings)

    async def note(name: str, gather: Any, *given: Any) -> None:
        found[name] = await to_thread.run_sync(gather, *given)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(by_rules)
        tasks.start_soon(note, "walls", isolation.gather)
        tasks.start_soon(note, "state", state.gather, repo, paths.state(repo))
    return Facts(**found)


def judge(facts: Facts) -> Report:
    """What the facts say."""
    return {name: tuple(signs) for name, signs in _groups(facts)}


def _groups(facts: Facts) -> Iterator[tuple[str, Iterable[Sign]]]:
    yield "rungbook", rules.judge(facts.rules)
    yield from _models(facts) if facts.rules.are_whole else [("providers", [_UNKNOWN])]
    yield "tools", tools.judge(facts.tools)
    yield "isolation", isolation.judge(facts.walls)
    yield "state", state.judge(facts.state)


_UNKNOWN = skip("hosts", "they and their models are known once the above is put right")


def _models(facts: Facts) -> Iterator[tuple[str, Iterable[Sign]]]:
    """What hangs on the rulebook's Models."""
    rulebook, servers = facts.rules.rulebook, facts.servers
    assert rulebook is not None  # noqa: S101 - it is whole
    yield "providers", providers.judge(servers)
    yield "models", models.judge(rulebook, servers, facts.machine)
    yield "ladders", models.ladders(rulebook, models.lack(servers, facts.tools.missing))
