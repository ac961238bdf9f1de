"""The rulebook's Models on their hosts, and the ladders that can work with what is there."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from rungbook.models.installed import Installed
from rungbook.render.text import count
from rungbook.rulebook.matrix import CHECKERS, Ladder
from rungbook.rulebook.model import Model
from rungbook.rulebook.snapshot import Rulebook
from rungbook.runtime.doctor.providers import Server, Servers, server_of
from rungbook.runtime.doctor.signs import Sign, fail, ok, skip, some, warn

_PULLS: Mapping[str, str] = {"lmstudio": "lms get", "ollama": "ollama pull"}
"""The command that brings a model to a host of the default settings."""

_GB = 1e9
"""Bytes of the unit in which a Model says its memory."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The memory that models of this machine share, in bytes; None where it is not known."""

    memory: int | None = None


def gather() -> Machine:
    """What POSIX says of the memory; graphics cards with their own are not asked."""
    try:
        return Machine(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (OSError, ValueError):
        return Machine()


def judge(rulebook: Rulebook, servers: Servers, machine: Machine) -> Iterator[Sign]:
    """What is said of the models on each host that answers, and of the other hosts together."""
    used = _used(rulebook)
    mute: list[str] = []
    unknown = 0
    for key, server in servers.items():
        models = [m for m in rulebook.models.values() if server_of(m) == key]
        if server.answers:
            yield from _on(server, models, used, machine)
        else:
            mute.append(server.name)
            unknown += len(models)
    if mute:
        hosts = ", ".join(dict.fromkeys(mute))
        yield skip("unknown", f"{count(unknown, 'model')} of hosts that cannot be used: {hosts}")


def _on(server: Server, models: list[Model], used: set[str], machine: Machine) -> Iterator[Sign]:
    """What is said of the models of one host: those that no ladder names are not missed."""
    if server.seen is None or server.seen.models is None:
        yield skip(server.name, "the host does not say which models it has")
        return
    there = [m.name for m in models if not lacking(m, server)]
    if there:
        yield ok(server.name, f"has {some(there)}")
    for model in models:
        if model.name in used:
            yield from _missing(model, server, machine)
        yield from _too_long(model, server)
    if idle := [m.name for m in models if m.name not in used and m.name not in there]:
        yield skip(server.name, f"lacks {some(idle)}, which no ladder names")


def _used(rulebook: Rulebook) -> set[str]:
    """The models that a ladder names, as a rung or as a checker."""
    ladders = [ladder for m in rulebook.matrices.values() for ladder in m.ladders.values()]
    rungs = {name for ladder in ladders for rung in ladder.rungs for name in rung.models}
    checkers = {row.use for ladder in ladders for row in ladder.checker.rows}
    return rungs | checkers - set(CHECKERS)


def lacking(model: Model, server: Server) -> list[str]:
    """The ids, of the model and its variants, that the host does not have; none if it is silent."""
    provider = model.provider
    if provider is None or server.seen is None or server.seen.models is None:
        return []
    ids = dict.fromkeys((provider.id, *(v.id for v in model.variants)))
    return [name for name in ids if _found(name, server) is None]


def _found(name: str, server: Server) -> Installed | None:
    """A host's model by the id that a spec gives; Ollama leaves the tag `latest` out."""
    models = (server.seen.models if server.seen else None) or ()
    names = {name, f"{name}:latest"} if server.protocol == "ollama" else {name}
    return next((model for model in models if model.id in names), None)


def _missing(model: Model, server: Server, machine: Machine) -> Iterator[Sign]:
    """What a used model lacks to run: itself, a variant, the memory."""
    need, have = model.memory_gb, machine.memory
    if server.is_here and need and have and need * _GB > have:
        detail = f"takes {need:g} GB, and this machine has {have / _GB:.0f} GB"
        yield warn(model.name, detail, "name a smaller build in its spec, or leave its rung out")
        return
    installed = [m.id for m in (server.seen.models if server.seen else None) or ()]
    for name in lacking(model, server):
        close = get_close_matches(name, installed, 3, 0.5)
        has = f"; it has {', '.join(close)}" if close else ""
        pull = _PULLS.get(server.name)
        other = f"id: {close[0] if close else '…'} in its spec"
        step = f"{pull} {name}   (or {other})" if pull else other
        yield warn(model.name, f"{server.name} has no {name}{has}", step)


def _too_long(model: Model, server: Server) -> Iterator[Sign]:
    """A model whose spec says that it holds more than its host says."""
    if model.provider and (found := _found(model.provider.id, server)):
        said, holds = model.context_tokens, found.context_tokens
        if said and holds and said > holds:
            detail = f"its spec says it holds {said:,} tokens, {server.name} says {holds:,}"
            step = f"load it with a longer context, or set context_tokens: {holds} in its spec"
            yield fail(model.name, detail, step)


Lack = Callable[[Model], str]
"""Why a Model cannot work here; empty if it can."""


def lack(servers: Servers, missing: set[str]) -> Lack:
    """By the hosts, and the programs that are missing."""

    def why(model: Model) -> str:
        if (key := server_of(model)) is None:
            program = model.command[0]
            return f"{program} is missing" if program in missing else ""
        server = servers[key]
        if not server.answers:
            return f"{server.name} cannot be used"
        gone = model.provider is not None and model.provider.id in lacking(model, server)
        return f"{server.name} does not have {model.name}" if gone else ""

    return why


def ladders(rulebook: Rulebook, why: Lack) -> Iterator[Sign]:
    """For each ladder, which of its rungs can work here."""
    able = {name for name, model in rulebook.models.items() if not why(model)}
    for matrix in rulebook.matrices.values():
        for ladder in matrix.ladders.values():
            yield _ladder(f"{matrix.name}/{ladder.name}", ladder, rulebook, able, why)


def _ladder(what: str, ladder: Ladder, rulebook: Rulebook, able: set[str], why: Lack) -> Sign:
    working = [rung.name for rung in ladder.rungs if able & {*rung.models}]
    if not working:
        models = (rulebook.models[name] for rung in ladder.rungs for name in rung.models)
        return warn(what, f"no rung can work: {'; '.join(dict.fromkeys(map(why, models)))}")
    said = f"{len(working)} of {count(len(ladder.rungs), 'rung')}: {some(working)}"
    workers = able & {name for rung in ladder.rungs for name in rung.models}
    judged = [
        name for group in ladder.verify for name in group if rulebook.validators[name].is_judge
    ]
    judges = {name for name in able if rulebook.models[name].can_judge}
    if judged and not any(judges - {worker} for worker in workers):
        return warn(
            what, f"{said}; nobody is there to judge for {some(judged)}: runs end in review"
        )
    return ok(what, said)
