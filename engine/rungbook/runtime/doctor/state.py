"""Where outcomes are kept: room, records, and the runs that have not ended."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rungbook.errors import UserError
from rungbook.render.text import count
from rungbook.runtime.doctor.signs import Sign, fail, ok, skip, warn
from rungbook.runtime.folders import kept
from rungbook.runtime.parked import waiting
from rungbook.store.health import Health, health

ROOM, LEAST = 1 << 30, 100 << 20
"""Bytes of free disk below which there is a warning, and below which runs are likely to fail."""


@dataclass(frozen=True, slots=True)
class State:
    """A state folder and the runs in it; `broken`: why these cannot be told, if so.

    `working` runs have an engine; `waiting` says for each that has none what it waits for; `left`
    are sandboxes of engines that died.
    """

    folder: Path
    health: Health | None = None
    working: int = 0
    waiting: tuple[str, ...] = ()
    left: int = 0
    broken: str = ""


def gather(repo: Path, folder: Path) -> State:
    """Look at the folder and read all of it."""
    try:
        found = health(folder, datetime.now(UTC).replace(tzinfo=None))
    except OSError as e:
        return State(folder, broken=e.strerror or str(e))
    try:
        runs = kept(folder)
        return State(
            folder,
            found,
            working=sum(run.under_way() for run in runs),
            waiting=tuple(one.what for one in waiting(repo, folder)),
            left=sum(run.abandoned() for run in runs),
        )
    except UserError as e:
        return State(folder, found, broken=str(e))


def judge(state: State) -> Iterator[Sign]:
    """What is said of it."""
    found = state.health
    if found is None:
        yield fail("folder", f"{state.folder}: {state.broken}", "make it readable")
        return
    yield _folder(state.folder, found)
    yield from _disk(found)
    if not found.there:
        yield skip("records", "there are none: nothing was run here yet")
        return
    yield from _records(found)
    yield from _views(found)
    yield from _runs(state)


def _folder(folder: Path, found: Health) -> Sign:
    if not found.writable:
        return fail("folder", f"{found.place} cannot be written to", f"chmod u+rwx {found.place}")
    if not found.there:
        return ok("folder", f"{folder}, made with the first run")
    if not found.private:
        return warn("folder", f"{folder} can be entered by others", f"chmod 700 {folder}")
    return ok("folder", f"{folder}, {_size(found.bytes)}")


def _disk(found: Health) -> Iterator[Sign]:
    free = f"{_size(found.free)} free"
    if found.free < LEAST:
        yield fail("disk", free, "free some space: a run needs copies of the project")
    elif found.free < ROOM:
        yield warn("disk", free, "free some space: a run needs copies of the project")
    else:
        yield ok("disk", free)


def _records(found: Health) -> Iterator[Sign]:
    """The journal as a whole, then whatever is odd in it."""
    all_of_it = found.streams.values()
    live, sealed = sum(s.live for s in all_of_it), sum(s.sealed for s in all_of_it)
    by_stream = ", ".join(f"{s.records:,} {name}" for name, s in found.streams.items() if s.records)
    where = f" in {count(live + sealed, 'segment')}, {live} being written" if by_stream else ""
    yield ok("records", (by_stream or "none yet") + where)
    if unreadable := [place for s in all_of_it for place in s.unreadable]:
        file, line, why = unreadable[0]
        first = f"{count(len(unreadable), 'line')} of no use, first {file}:{line}: {why}"
        yield fail("records", first, "take the line out, or move the file out of the folder")
    if torn := sum(s.torn for s in all_of_it):
        detail = f"{count(torn, 'segment')} with half a record at the end, which nobody was told of"
        yield ok("records", f"{detail}: harmless")
    if newer := sum(s.newer for s in all_of_it):
        yield warn("records", f"{newer:,} of a newer version, read in part", "upgrade rungbook")
    if found.strange:
        strange = ", ".join(found.strange)
        yield warn("records", f"streams of a newer version: {strange}", "upgrade rungbook")
    if ahead := [when for s in all_of_it for when in s.ahead]:
        detail = f"{len(ahead):,} lie in the future, up to {max(ahead):%Y-%m-%d %H:%M} UTC"
        yield warn("clock", detail, "date -u   (is the clock right? budgets go by the day)")


def _views(found: Health) -> Iterator[Sign]:
    if found.views is None:
        yield skip("views", "made anew when they are asked next")
    elif found.views:
        yield fail("views", found.views, "move the file it names out of the folder")
    else:
        yield ok("views", "answer")


def _runs(state: State) -> Iterator[Sign]:
    if state.broken:
        yield fail("runs", state.broken)
        return
    if state.waiting:
        each = ((state.waiting.count(what), said) for what, said in _WAITS.items())
        detail = ", ".join(f"{many} {said}" for many, said in each if many)
        yield warn("runs", detail, "rungbook review")
    else:
        yield ok("runs", f"none waits, {state.working} under way")
    if state.left:
        left = f"{count(state.left, 'sandbox')} of engines that are gone"
        yield ok("sandboxes", f"{left}: swept up by the next run")


_WAITS: Mapping[str, str] = {
    "asked": "waiting for an answer",
    "interrupted": "interrupted",
    "review": "waiting for a look at the change",
}


def _size(number: float) -> str:
    """Bytes in the unit people would use."""
    for unit in ("bytes", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"
