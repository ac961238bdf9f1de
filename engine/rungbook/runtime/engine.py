"""What every surface calls: it wires the parts and holds no rule of its own."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import anyio
import orjson
from anyio import to_thread

from rungbook import paths, process
from rungbook.checks.suites import Suite, guess, recognise
from rungbook.errors import NotFound, UsageError
from rungbook.interpret.classify import Classified, classify
from rungbook.interpret.climb.plan import Plan
from rungbook.interpret.climb.resolve import Task, resolve
from rungbook.interpret.climb.why import Line, explain
from rungbook.interpret.climb.words import Ask, Check, Decision, End
from rungbook.models.command import CommandWorker
from rungbook.ports import Approver, Question, Worker
from rungbook.records import Part, PlanRecord, Rate, Record, RunRecord
from rungbook.rulebook.model import Model
from rungbook.rulebook.snapshot import Rulebook
from rungbook.rulebook.validator import Person
from rungbook.runtime import specs
from rungbook.runtime.attempts import Workers
from rungbook.runtime.describe import Described, describe
from rungbook.runtime.drive import Tell
from rungbook.runtime.recorder import Recorder, event_of
from rungbook.runtime.run import Folders, Run, first_of, plan_of, replayed, under_way
from rungbook.runtime.sandboxes import Sandboxes
from rungbook.store.journal import Journal
from rungbook.store.reading import read, run_ids
from rungbook.store.ulid import ulid
from rungbook.store.views import publish
from rungbook.workspace.trees import Trees


@dataclass(frozen=True, slots=True)
class Request:
    """A task as a surface passes it on.

    `test` is the project's test command, None: find it; `state` where outcomes are kept, None: the
    project's own.
    """

    text: str
    repo: Path
    specs: Path | None = None
    matrix: str = "coding"
    type: str | None = None
    files: tuple[str, ...] = ()
    test: str | None = None
    apply: bool = False
    surface: str = "cli"
    state: Path | None = None

    @property
    def kept(self) -> Path:
        """The state folder."""
        return self.state or paths.state(self.repo)


@dataclass(frozen=True, slots=True)
class Begun:
    """What a run is about to do, for people to see before it does it."""

    run: str
    classified: Classified
    ladder: str
    suite: Suite | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended; `end` is None while it waits for a person. `diff` is what was proved."""

    run: str
    end: End | None
    record: RunRecord | None = None
    diff: str = ""
    applied: bool = False
    not_applied: str = ""


def worker(model: Model) -> Worker | None:
    """Who does a Model's work: a command; None for a provider this release has no client for."""
    return CommandWorker(model.command) if model.command else None


def understand(request: Request, rulebook: Rulebook) -> tuple[Described, Classified]:
    """The task's facts and what the matrix's taxonomy makes of them."""
    if request.matrix not in rulebook.matrices:
        known = ", ".join(sorted(rulebook.matrices)) or "none"
        raise NotFound(f"there is no EscalationMatrix {request.matrix!r}", f"there is: {known}")
    matrix = rulebook.matrices[request.matrix]
    described = describe(request.text, request.repo, request.files)
    seen = classify(rulebook.taxonomies[matrix.taxonomy], described.facts)
    if request.type is not None:
        if request.type not in matrix.ladders:
            known = ", ".join(matrix.ladders)
            raise UsageError(f"there is no task type {request.type!r}", f"there is: {known}")
        seen = replace(seen, type=request.type, confidence=1.0)
    return described, seen


def begin(request: Request, rulebook: Rulebook, journal: Journal, workers: Workers) -> tuple[Run, Begun]:
    """Resolve the plan, record the base, write the first record; nothing has run yet."""
    repo, state = request.repo, request.kept
    described, seen = understand(request, rulebook)
    run = ulid()
    task = Task(run, request.text, seen.type, seen.complexity, seen.band, described.tokens)
    plan = resolve(rulebook, request.matrix, task, _rates(rulebook, state))
    suite = suite_of(request)
    if suite:
        own = tuple(f"/{word}" for word in suite.argv if _stands_in(repo, word))
        plan = replace(plan, test=suite.argv, frozen=(*plan.frozen, *own))
    folders, kept = Folders(state, run), process.isolated()
    names = {path for m in plan.models for path in m.environment.paths}
    names |= {path for v in plan.validators for path in v.environment.paths}
    trees = Trees.create(repo, folders.work, sorted(names))
    origin = specs.origin(request.specs)
    recorder = Recorder(journal, run)
    first = recorder.write(
        PlanRecord(
            **recorder.envelope(),
            project=str(repo),
            rulebook=rulebook.id,
            commit=origin.commit,
            dirty=origin.dirty,
            parts=tuple(Part(part=p.part, hash=p.hash) for p in plan.parts),
            surface=request.surface,
            description=request.text,
            task_type=seen.type,
            complexity=seen.complexity,
            confidence=seen.confidence,
            features=dict(seen.features),
            tokens=described.tokens,
            files=described.files,
            language=described.language,
            ladder=plan.ladder,
            base_tree=trees.base,
            frozen=plan.frozen,
            isolation=kept,
            plan=orjson.loads(orjson.dumps(plan)),
            notes=plan.notes,
        )
    )
    begun = Begun(run, seen, plan.ladder, suite, plan.notes)
    sandboxes = Sandboxes(trees, plan.frozen, kept)
    publish(state)
    return Run(folders, recorder, sandboxes, plan, first, workers), begun


def suite_of(request: Request) -> Suite | None:
    """The test command that was given, else the one the repository shows."""
    if request.test is None:
        return guess(request.repo)
    try:
        argv = shlex.split(request.test)
    except ValueError as e:
        raise UsageError(f"--test {request.test!r}: {e}", "quote it as a shell would") from None
    if not argv:
        raise UsageError("--test is empty", "--test 'pytest -q', say")
    return recognise(argv)


def _stands_in(repo: Path, word: str) -> bool:
    """Whether a word of the test command is a script of the repository: its proof hangs on it."""
    path = Path(word)
    return not path.is_absolute() and ".." not in path.parts and (repo / path).is_file()


def _rates(rulebook: Rulebook, state: Path) -> Mapping[tuple[str, str], Rate]:
    """Recorded success, where some model of the rulebook has a price that it could excuse."""
    if not any(m.bound_usd(1000) for m in rulebook.models.values()) or not state.is_dir():
        return {}
    from rungbook.store.rates import rates

    return rates(state)


async def solve(
    request: Request,
    approver: Approver,
    tell: Tell,
    stop: anyio.Event,
    *,
    told: Callable[[Begun], None] = lambda begun: None,
    workers: Workers = worker,
) -> Ended:
    """Climb the ladder of the task's type in sandboxes of the repository, to the end."""
    request = replace(request, repo=request.repo.resolve())
    if not request.repo.is_dir():
        raise NotFound(f"there is no folder {request.repo}", "--repo DIR names the project")
    rulebook = await to_thread.run_sync(specs.compiled, request.specs)
    with Journal(request.kept) as journal:
        run, begun = await to_thread.run_sync(begin, request, rulebook, journal, workers)
        told(begun)
        with run.folders.mine():
            return await _finish(run, approver, tell, stop, apply=request.apply)


async def go_on(
    run: str, repo: Path, approver: Approver, tell: Tell, stop: anyio.Event, *, apply: bool = False,
    workers: Workers = worker,
) -> Ended:
    """Go on with a run that waits for a person, or whose engine died, from where it stands."""
    state = paths.state(repo.resolve())
    with Journal(state) as journal:
        folders = Folders(state, run)
        records = await to_thread.run_sync(read, state, run)
        first = first_of(records, run)
        recorder = Recorder(journal, run, records)
        if ended := next((r for r in records if isinstance(r, RunRecord)), None):
            raise NotFound(f"run {run} has ended: {ended.outcome}", f"rungbook why {run}")
        with folders.mine():
            trees = await to_thread.run_sync(Trees.open, folders.work)
            plan = plan_of(first)
            sandboxes = Sandboxes(trees, plan.frozen, process.isolated())
            resumed = Run(folders, recorder, sandboxes, plan, first, workers)
            return await _finish(resumed, approver, tell, stop, apply=apply)


async def _finish(
    run: Run, approver: Approver, tell: Tell, stop: anyio.Event, *, apply: bool
) -> Ended:
    """To the end of the run, its change in the user's tree if that is wanted, its last record."""
    end = await run.go(approver, tell, stop)
    if end is None:
        return Ended(run.first.run, None)
    diff, applied, why_not = "", False, ""
    if end.outcome == "pass" and end.attempt is not None:
        diff = await to_thread.run_sync(run.sandboxes.diff, end.attempt)
        if apply:
            why_not = await _apply(run, end.attempt, approver)
            applied = not why_not
    left = tuple(run.left)
    record = await to_thread.run_sync(lambda: run.recorder.end(run.plan, end, left, applied=applied))
    await to_thread.run_sync(run.finish)
    return Ended(run.first.run, end, record, diff, applied, why_not)


async def _apply(run: Run, attempt: int, approver: Approver) -> str:
    """Write the proved change to the user's tree, all or nothing; why not, if it was not.

    What runs later without being asked for, and what came beside an attempt on the proof itself,
    takes a person's yes.
    """
    changes = await to_thread.run_sync(run.sandboxes.changes, attempt)
    tampered = any(getattr(r, "tampered", False) and getattr(r, "n", 0) == attempt
                   for r in run.recorder.written)  # fmt: skip
    odd = [c.path for c in changes if c.sensitive]
    if odd or tampered:
        reason = f"it touches {', '.join(odd)}" if odd else "its worker also changed frozen files"
        diff = await to_thread.run_sync(run.sandboxes.diff, attempt)
        question = Question("apply", run.first.description, f"Apply it, although {reason}?",
                            lines=tuple(diff.splitlines()))  # fmt: skip
        reply = await approver.ask(question)
        if reply is None or not reply.yes:
            return f"a person has to agree, because {reason}"
    await to_thread.run_sync(run.sandboxes.apply, attempt)
    return ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run that has not ended: what it waits for, or that its engine is gone."""

    run: str
    since: str
    task: str
    on: str


def waiting(repo: Path) -> list[Waiting]:
    """Runs of a project that wait for a person or whose engine died, oldest first."""
    state = paths.state(repo.resolve())
    found = []
    for folder in sorted((state / "work").glob("*")):
        folders = Folders(state, folder.name)
        records = read(state, folder.name)
        if under_way(folders) or not records or any(isinstance(r, RunRecord) for r in records):
            continue
        first = first_of(records, folder.name)
        at = replayed(plan_of(first), records)
        asked = [_asks(d, plan_of(first)) for d in at.open]
        on = next((a for a in asked if a), "its engine stopped; it can go on")
        found.append(Waiting(folder.name, f"{first.ts:%Y-%m-%d %H:%M}", first.description, on))
    return found


def _asks(decision: Decision, plan: Plan) -> str:
    if isinstance(decision, Ask):
        return f"rung {decision.subject} may cost ${decision.usd_most:.4f}"
    if isinstance(decision, Check) and isinstance(plan.validator(decision.validator).check, Person):
        return f"{decision.validator} is to look at attempt {decision.attempt}"
    return ""


def records(run: str, repo: Path, state: Path | None = None) -> tuple[str, list[Record]]:
    """(id, records) of a run by its id, the unique beginning of one, or `last`; NotFound if none."""
    state = state or paths.state(repo.resolve())
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
    first = first_of(found, key)
    events = [e for e in map(event_of, found) if e is not None]
    return key, explain(plan_of(first), events), found
