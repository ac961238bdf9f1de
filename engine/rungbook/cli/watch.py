"""`rungbook watch`: show each change of specs as it is taken, or why it is not."""

import argparse
import functools
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

from rungbook.cli import arguments

if TYPE_CHECKING:
    from rungbook.runtime.live import Reload

HASH = 8
"""Digits of a hash that are shown to people."""

MOST = 12
"""Changed parts that are shown to people; programs see all."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    arguments.specs(parser)
    arguments.repo(parser)
    arguments.json(parser)


def run(given: argparse.Namespace) -> int:
    """0: Ctrl-C is how it ends."""
    import anyio

    return anyio.run(functools.partial(watch, given))


async def watch(given: argparse.Namespace) -> int:
    """Tell what becomes of the specs until a signal comes."""
    import anyio

    from rungbook import paths
    from rungbook.runtime.live import Live
    from rungbook.settings import Settings
    from rungbook.store.journal import Journal

    project = given.repo.resolve()
    tell: Callable[[Reload], None] = as_json if given.json else as_text
    with (
        Journal(paths.state(project)) as journal,
        anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals,
    ):
        specs = given.specs or Settings().specs
        live = Live(specs, journal, tell, project=project, surface="watch")
        if not given.json:
            print(f"watching {arguments.text(str(live.folder))}; Ctrl-C ends it", flush=True)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(live.run)
            async for _ in signals:
                tasks.cancel_scope.cancel()
    return 0


def as_text(reload: "Reload") -> None:
    """One attempt in plain words."""
    from rungbook.render.findings import as_text as findings
    from rungbook.render.text import clean

    if reload.loaded.findings:
        print(findings(reload.loaded.findings, colour=arguments.colour()))
    print(f"{reload.at.astimezone():%H:%M:%S} {_said(reload)}")
    parts = list(reload.changed.items())
    for part, (before, after) in parts[:MOST]:
        print(clean(f"  {part}: {_hash(before, 'new')} → {_hash(after, 'gone')}"))
    if len(parts) > MOST:
        print(f"  and {len(parts) - MOST} more")
    if reload.unrecorded:
        print(clean(f"  not recorded: {reload.unrecorded}"))
    print(end="", flush=True)


def as_json(reload: "Reload") -> None:
    """One attempt as a line of JSON."""
    import json

    after = reload.loaded.rulebook
    fields = {
        "event": "reload",
        "at": reload.at.isoformat(),
        "ok": reload.ok,
        "from_rulebook": reload.before.id if reload.before else None,
        "to_rulebook": after.id if after else None,
        "specs": len(reload.loaded.entries),
        "changed": [
            {"part": part, "before": old, "after": new}
            for part, (old, new) in reload.changed.items()
        ],
        "findings": [f.as_dict() for f in reload.loaded.findings],
        "ms": round(reload.ms, 3),
        "unrecorded": reload.unrecorded or None,
    }
    print(json.dumps(fields, ensure_ascii=False), flush=True)


def _said(reload: "Reload") -> str:
    """What became of it, on one line."""
    after, before = reload.loaded.rulebook, reload.before
    if not reload.ok or after is None:
        wrong = _count(len(reload.against), "error") if after is None else "no specs"
        if before is None or reload.since is None:
            return f"{wrong}: there is no rulebook yet"
        return f"{wrong}: kept the rulebook of {reload.since.astimezone():%H:%M:%S}"
    built = f"{_count(len(reload.loaded.entries), 'spec')}, {reload.ms:.0f} ms"
    if before is None:
        return f"rulebook {_hash(after.id)}: {built}"
    if before.id == after.id:
        return f"rulebook {_hash(after.id)} as before, nothing that decides has changed: {built}"
    return f"rulebook {_hash(before.id)} → {_hash(after.id)}: {built}"


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"


def _hash(whole: str | None, instead: str = "") -> str:
    return whole[:HASH] if whole else instead
