"""From a request to a run: the plan is resolved, the base recorded, the first record written."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from rungbook import process
from rungbook.checks.suites import Suite
from rungbook.interpret.classify import Classified
from rungbook.interpret.climb.plan import Plan
from rungbook.interpret.climb.resolve import Task, resolve
from rungbook.records import Part, PlanRecord, Rate
from rungbook.rulebook.snapshot import Rulebook
from rungbook.runtime import specs
from rungbook.runtime.describe import Described
from rungbook.runtime.folders import Folders, sweep
from rungbook.runtime.providers import Providers
from rungbook.runtime.recorder import Recorder
from rungbook.runtime.request import Request, own_scripts, suite_of, understand
from rungbook.runtime.run import Run
from rungbook.runtime.sandboxes import Sandboxes
from rungbook.store.journal import Journal
from rungbook.store.ulid import ulid
from rungbook.store.views import publish
from rungbook.workspace.apply import recover
from rungbook.workspace.trees import Trees


@dataclass(frozen=True, slots=True)
class Begun:
    """What a run is about to do, for people to see before it does it."""

    run: str
    classified: Classified
    ladder: str
    suite: Suite | None
    notes: tuple[str, ...]


def room(state: Path) -> Folders:
    """The folder of a new run, once what dead engines left behind is swept up (StateFailed)."""
    sweep(state)
    publish(state)
    folders = Folders(state, ulid())
    folders.make()
    return folders


@dataclass(frozen=True, slots=True)
class _Planned:
    """What is known of a run before its first record."""

    rulebook: Rulebook
    described: Described
    seen: Classified
    suite: Suite | None
    plan: Plan


def begin(
    request: Request, rulebook: Rulebook, folders: Folders, journal: Journal, providers: Providers
) -> tuple[Run, Begun]:
    """Make the run and write its first record; nothing of the project or a worker has run yet."""
    try:
        planned = _planned(request, rulebook, folders)
        trees = _trees(request.repo, folders, planned.plan)
        sandboxes = Sandboxes(trees, planned.plan.frozen, process.isolated())
        recorder = Recorder(journal, folders.run)
        first = recorder.write(_first(request, planned, sandboxes, recorder))
    except BaseException:
        folders.remove()
        raise
    plan = planned.plan
    begun = Begun(folders.run, planned.seen, plan.ladder, planned.suite, plan.notes)
    return Run(folders, recorder, sandboxes, first, providers), begun


def _planned(request: Request, rulebook: Rulebook, folders: Folders) -> _Planned:
    described, seen = understand(request, rulebook)
    task = Task(
        id=folders.run,
        text=request.text,
        type=seen.type,
        complexity=seen.complexity,
        band=seen.band,
        tokens=described.tokens,
        facts=described.facts,
    )
    plan = resolve(rulebook, request.matrix, task, _rates(rulebook, folders.state))
    suite = suite_of(request)
    if suite:
        frozen = (*plan.frozen, *own_scripts(request.repo, suite))
        plan = replace(plan, test=suite.argv, frozen=frozen)
    return _Planned(rulebook, described, seen, suite, plan)


def _trees(repo: Path, folders: Folders, plan: Plan) -> Trees:
    """The base, without the folders that come along with the project's environment."""
    named = {path for model in plan.models for path in model.environment.paths}
    named |= {path for check in plan.validators for path in check.environment.paths}
    recover(repo)
    return Trees.create(repo, folders.work, sorted(named))


def _first(
    request: Request, planned: _Planned, sandboxes: Sandboxes, recorder: Recorder
) -> PlanRecord:
    plan, seen, described = planned.plan, planned.seen, planned.described
    origin = specs.origin(request.specs)
    return PlanRecord(
        **recorder.envelope(),
        project=str(request.repo),
        rulebook=planned.rulebook.id,
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
        base_tree=sandboxes.trees.base,
        frozen=plan.frozen,
        isolation=sandboxes.isolation,
        plan=orjson.loads(orjson.dumps(plan)),
        notes=plan.notes,
    )


def _rates(rulebook: Rulebook, state: Path) -> Mapping[tuple[str, str], Rate]:
    """Recorded success, where some model of the rulebook has a price that it could excuse."""
    if not any(m.bound_usd(1000) for m in rulebook.models.values()) or not state.is_dir():
        return {}
    from rungbook.store.rates import rates

    return rates(state)
