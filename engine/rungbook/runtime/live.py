"""Specs that reload while they are used: built beside, and taken in one step if nothing is wrong.

A run that is under way keeps its Plan; whoever begins one takes the rulebook of that moment.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from time import monotonic, perf_counter, time

import anyio
from anyio import from_thread, to_thread

from rungbook import git, paths
from rungbook.compiler.load import Loaded, Memo, load, sources
from rungbook.errors import UserError
from rungbook.findings import Finding
from rungbook.records import Part, ReloadRecord
from rungbook.rulebook.snapshot import Rulebook
from rungbook.runtime.specs import origin
from rungbook.runtime.watching import changes
from rungbook.store.journal import Journal

QUIET_S, CEILING_S = 0.05, 2.0
"""Seconds without a change before specs are taken, and the longest that quiet is waited for."""

GIT_S = 30.0
"""Seconds that git is waited for while it writes files; an older lock was left behind."""

MOST = 1000
"""Changed parts that a record lists; a checkout may change more."""

MOST_FINDINGS = 20
"""Findings that a record lists."""


@dataclass(frozen=True, slots=True)
class Reload:
    """One attempt to take specs into use.

    `before`, and since when, is the rulebook that was in use until then: it stays if the attempt is
    not `ok`. `ms`: how long reading and building took. `unrecorded`: why there is no record of it.
    """

    at: datetime
    loaded: Loaded
    before: Rulebook | None
    since: datetime | None
    ms: float
    unrecorded: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was taken."""
        return _usable(self.loaded)

    @property
    def against(self) -> tuple[Finding, ...]:
        """What kept it from being taken: its errors, or that there is nothing in it."""
        found = self.loaded.findings
        return () if self.ok else tuple(f for f in found if f.severity == "error") or found

    @property
    def changed(self) -> dict[str, tuple[str | None, str | None]]:
        """Part → its hash before and after, None where it is not there; nothing at the start."""
        after = self.loaded.rulebook
        if not self.ok or self.before is None or after is None:
            return {}
        old, new = self.before.hashes, after.hashes
        parts = [part for part in sorted({*old, *new}) if old.get(part) != new.get(part)]
        return {part: (old.get(part), new.get(part)) for part in parts}


class Live:
    """The rulebook of a folder while its files change.

    `rulebook` is the one in use, None until there was one without errors, and `since` when;
    `loaded` is what came of the newest attempt. They change between two looks at them.
    """

    def __init__(
        self,
        specs: Path | None,
        journal: Journal,
        tell: Callable[[Reload], None],
        *,
        project: Path,
        surface: str,
    ) -> None:
        """Of a folder, which may be missing, or the built-in specs; `tell` is called in the loop.

        The journal is the project's; `surface` is who uses the rulebook.
        """
        self.folder = specs or paths.data("specs")
        self.rulebook: Rulebook | None = None
        self.since: datetime | None = None
        self.loaded: Loaded | None = None
        self._specs, self._journal, self._tell = specs, journal, tell
        self._project, self._surface = str(project), surface
        self._memo = Memo()

    @property
    def broken(self) -> bool:
        """Whether the files as they are cannot be used."""
        return self.loaded is not None and not _usable(self.loaded)

    async def run(self) -> None:
        """Take the specs, and again whenever they have changed, until cancelled."""
        stop = Event()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_at_the_end, stop)
            await to_thread.run_sync(self._follow, stop)

    def _follow(self, stop: Event) -> None:
        for _ in changes(sources(self.folder), stop):
            loaded, ms = self._settled(stop)
            if loaded is not self.loaded and not stop.is_set():
                from_thread.run_sync(self._tell, self._taken(loaded, ms))

    def _settled(self, stop: Event) -> tuple[Loaded, float]:
        """What the files say once they are left in peace, and the milliseconds it took to build.

        At the start as they are, so that there is a rulebook soon.
        """
        end, quiet = monotonic() + CEILING_S, self.loaded is None
        loaded, ms = self._load()
        while loaded is not self.loaded and not quiet and not stop.wait(QUIET_S):
            again, took = self._load()
            quiet = (again is loaded or monotonic() > end) and not self._git_writes()
            if again is not loaded:
                loaded, ms = again, took
        return loaded, ms

    def _load(self) -> tuple[Loaded, float]:
        began = perf_counter()
        loaded = load([self.folder], memo=self._memo)
        return loaded, (perf_counter() - began) * 1e3

    def _git_writes(self) -> bool:
        """Whether git is in the middle of a checkout, a merge or the like."""
        try:
            if (found := git.find(self.folder.resolve())) is None:
                return False
            return time() - (found.folder / "index.lock").stat().st_mtime < GIT_S
        except OSError:  # no lock
            return False

    def _taken(self, loaded: Loaded, ms: float) -> Reload:
        """The attempt, with the rulebook swapped if nothing is wrong, and written down."""
        now = datetime.now(UTC)
        reload = Reload(now, loaded, self.rulebook, self.since, ms)
        self.loaded = loaded
        if reload.ok:
            self.rulebook, self.since = loaded.rulebook, now
        try:
            self._journal.append("reloads", self._record(reload))
        except UserError as e:
            return replace(reload, unrecorded=str(e))
        return reload

    def _record(self, reload: Reload) -> ReloadRecord:
        new = {part: now for part, (_, now) in reload.changed.items() if now}
        from_git = origin(self._specs)
        after = reload.loaded.rulebook
        return ReloadRecord(
            ts=reload.at.replace(tzinfo=None),
            surface=self._surface,
            project=self._project,
            specs=str(self.folder.absolute()),
            ok=reload.ok,
            errors=len(reload.against),
            findings=tuple(_line(f) for f in reload.against[:MOST_FINDINGS]),
            from_rulebook=reload.before.id if reload.before else None,
            to_rulebook=after.id if after else None,
            changed=tuple(Part(part=part, hash=new[part]) for part in [*new][:MOST]),
            gone=tuple(part for part in reload.changed if part not in new)[:MOST],
            commit=from_git.commit,
            dirty=from_git.dirty,
            ms=reload.ms,
        )


def _line(f: Finding) -> str:
    return f"{f.span.path}:{f.span.line}:{f.span.col} {f.code} {f.message}"


def _usable(loaded: Loaded) -> bool:
    """Whether it has no error and holds something: an emptied folder is no rulebook."""
    return loaded.rulebook is not None and bool(loaded.entries)


async def _at_the_end(stop: Event) -> None:
    """Set it when cancelled: a thread does not hear of that."""
    try:
        await anyio.sleep_forever()
    finally:
        stop.set()
