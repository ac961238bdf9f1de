"""What every surface calls: it wires the parts and holds no rule of its own."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import anyio
from anyio import to_thread

from rungbook import paths, process
from rungbook.errors import NotFound
from rungbook.interpret.climb.why import Line, explain
from rungbook.ports import Approver
from rungbook.records import CheckRecord, Record, RunRecord
from rungbook.rulebook.snapshot import Rulebook
from rungbook.runtime import afterwards, parked, specs
from rungbook.runtime.afterwards import Settled
from rungbook.runtime.applying import Target
from rungbook.runtime.begin import Begun, begin, room
from rungbook.runtime.drive import Tell
from rungbook.runtime.ending import Ended, climbed
from rungbook.runtime.folders import Folders
from rungbook.runtime.parked import Seen, Waiting, waiting
from rungbook.runtime.providers import Providers, here
from rungbook.runtime.recorder import Recorder
from rungbook.runtime.request import Request, understand
from rungbook.runtime.run import Run
from rungbook.runtime.sandboxes import Sandboxes
from rungbook.runtime.standing import first_of, standing
from rungbook.store.journal import Journal
from rungbook.store.reading import read, run_ids
from rungbook.workspace.trees import Trees

__all__ = [
    "Begun",
    "Ended",
    "Request",
    "Seen",
    "Settled",
    "Waiting",
    "answer",
    "apply",
    "go_on",
    "look",
    "records",
    "solve",
    "understand",
    "waiting",
    "why",
]


async def solve(
    request: Request,
    approver: Approver,
    tell: Tell,
    stop: anyio.Event,
    *,
    told: Callable[[Begun], None] = lambda begun: None,
    providers: Providers | None = None,
    rulebook: Rulebook | None = None,
) -> Ended:
    """Climb the ladder of the task's type in sandboxes of the repository, to the end.

    `rulebook` is what the request's specs were compiled to, by somebody who keeps up with them.
    """
    request = replace(request, repo=request.repo.resolve())
    if not request.repo.is_dir():
        raise NotFound(f"there is no folder {request.repo}", "--repo DIR names the project")
    to = Target(request.repo, request.kept, request.branch)
    await to_thread.run_sync(partial(to.check, new=True))
    if rulebook is None:
        rulebook = await to_thread.run_sync(specs.compiled, request.specs)
    folders = await to_thread.run_sync(room, request.kept)
    with folders.mine(), Journal(folders.state) as journal:
        made = (request, rulebook, folders, journal, providers or here())
        run, begun = await to_thread.run_sync(begin, *made)
        told(begun)
        wanted = request.apply or request.branch
        return await climbed(run, approver, tell, stop, to if wanted else None)


async def go_on(
    run: str,
    repo: Path,
    approver: Approver,
    tell: Tell,
    stop: anyio.Event,
    *,
    apply: bool = False,
    branch: str = "",
    providers: Providers | None = None,
    state: Path | None = None,
) -> Ended:
    """Go on with a run that waits for a person, or whose engine died, from where it stands.

    Raises NotFound for a run that has ended, Conflict for one that is under way.
    """
    folders = Folders(state or paths.state(repo), run)
    with folders.mine(), Journal(folders.state) as journal:
        resumed = await to_thread.run_sync(_resumed, folders, journal, providers or here())
        to = Target(resumed.sandboxes.trees.repo, folders.state, branch)
        await to_thread.run_sync(to.check)
        return await climbed(resumed, approver, tell, stop, to if apply or branch else None)


def _resumed(folders: Folders, journal: Journal, providers: Providers) -> Run:
    """A run that was begun by another process."""
    known = read(folders.state, folders.run)
    if ended := next((r for r in known if isinstance(r, RunRecord)), None):
        folders.remove()
        raise NotFound(
            f"run {folders.run} has ended: {ended.outcome}", f"rungbook why {folders.run}"
        )
    first = first_of(known)
    sandboxes = Sandboxes(Trees.open(folders.work), first.frozen, process.isolated())
    return Run(folders, Recorder(journal, folders.run, known), sandboxes, first, providers)


def records(run: str, repo: Path, state: Path | None = None) -> tuple[str, list[Record]]:
    """(id, records) of a run by its id, the unique beginning of it, or `last`; else NotFound."""
    state = state or paths.state(repo)
    known = run_ids(state)
    matching = known[-1:] if run == "last" else [k for k in known if k.startswith(run.upper())]
    if not matching:
        raise NotFound(f"there is no run {run!r} of {repo.resolve()}", "rungbook query 'FROM runs'")
    if len(matching) > 1:
        raise NotFound(f"{len(matching)} runs begin with {run!r}", f"say more: {matching[0]}")
    return matching[0], read(state, matching[0])


def why(
    run: str, repo: Path, state: Path | None = None
) -> tuple[str, tuple[Line, ...], list[Record]]:
    """(id, what was decided and on what, the records it is told from)."""
    key, found = records(run, repo, state)
    at = standing(found)
    judged = (r for r in found if isinstance(r, CheckRecord) and r.model)
    sure = {r.n: r.confidence for r in judged if r.verdict in ("pass", "fail")}
    return key, explain(at.plan, at.events, sure), found


def look(run: str, repo: Path, state: Path | None = None) -> Seen:
    """A run to be judged: what it waits for, its records, the change to look at; else NotFound."""
    state = state or paths.state(repo)
    return parked.seen(state, *records(run, repo, state))


async def apply(
    run: str,
    repo: Path,
    approver: Approver,
    *,
    branch: str = "",
    undo: bool = False,
    state: Path | None = None,
) -> Settled:
    """Write the change of a run that has ended, to the project or a new branch; or take it back."""
    to = Target(repo.resolve(), state or paths.state(repo), branch)
    await to_thread.run_sync(to.check)
    seen = await to_thread.run_sync(look, run, repo, to.state)
    return await (afterwards.undo(seen, to) if undo else afterwards.apply(seen, to, approver))


async def answer(
    run: str, repo: Path, approver: Approver, *, branch: str = "", state: Path | None = None
) -> Settled:
    """Accept or reject the change of a run that ended in review."""
    to = Target(repo.resolve(), state or paths.state(repo), branch)
    await to_thread.run_sync(to.check)
    seen = await to_thread.run_sync(look, run, repo, to.state)
    return await afterwards.answer(seen, to, approver)
