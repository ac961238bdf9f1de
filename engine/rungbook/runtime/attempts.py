"""One attempt: a worker in a sandbox of its own, and what it changed there."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from anyio import to_thread

from rungbook.globs import matches_any
from rungbook.interpret.climb.plan import Plan
from rungbook.interpret.climb.words import ANSWER, Attempt, Attempted, Result
from rungbook.ports import Failure, Job, Worked
from rungbook.records import AttemptRecord, CheckRecord, PlanRecord, Record
from rungbook.rulebook.model import Model
from rungbook.runtime.changes import keep
from rungbook.runtime.describe import language
from rungbook.runtime.drive import Done
from rungbook.runtime.folders import Folders
from rungbook.runtime.proofs import Proofs
from rungbook.runtime.providers import Providers
from rungbook.runtime.sandboxes import Harvested, Sandboxes
from rungbook.store.disk import write_whole
from rungbook.store.layout import guarded


@dataclass(slots=True)
class Attempts:
    """Carries out the attempts of one run."""

    plan: Plan
    first: PlanRecord
    sandboxes: Sandboxes
    providers: Providers
    proofs: Proofs
    folders: Folders

    async def make(self, asked: Attempt, written: list[Record]) -> Done:
        """Let the worker work, then harvest what it changed."""
        began = time.monotonic()
        model = self.plan.model(asked.model)
        prompt = self.plan.prompts[model.prompt] if model.prompt else ""
        worker = self.providers.worker(model, asked.variant, prompt)
        before = await self.proofs.before() if model.provider else ""
        tree = await to_thread.run_sync(self.sandboxes.trees.attempt, asked.id)
        box = await to_thread.run_sync(self.sandboxes.box, tree, model.environment)
        files = await to_thread.run_sync(self._files)
        most = model.timeout_s if asked.seconds_most is None else asked.seconds_most
        job = Job(
            task=self.first.description,
            box=box,
            seconds=min(model.timeout_s, most),
            failures=tuple(self._failures(asked, written)),
            files=files,
            named=self.first.files,
            frozen=self.plan.frozen,
            before=before,
            tokens=model.prompt_tokens(self.first.tokens or 0),
            key=f"{self.first.run}-{asked.id}",
        )
        worked = await worker.work(job)
        done = await to_thread.run_sync(self._close, asked, model, worked)
        done.detail["latency_ms"] = (time.monotonic() - began) * 1000
        return done

    def _files(self) -> tuple[str, ...]:
        """The task's files, else those of languages we know; the frozen ones left out."""
        files = self.first.files or tuple(f for f in self.sandboxes.trees.files() if language(f))
        return tuple(f for f in files if not matches_any(f, self.plan.frozen))

    def _close(self, asked: Attempt, model: Model, worked: Worked) -> Done:
        """What came of it: the change is stored before its record says so."""
        detail: dict[str, Any] = {
            "isolation": self.sandboxes.isolation,
            "host": model.provider.host or model.provider.type if model.provider else None,
            "tokens_in": worked.tokens_in,
            "tokens_out": worked.tokens_out,
            "estimated": worked.estimated,
            "error": worked.error,
        }
        if worked.result in ("unreachable", "overflow"):
            return Done(Attempted(asked.id, 0.0, worked.result, worked.usd or 0.0), detail)
        usd = asked.usd_most if worked.usd is None else worked.usd
        harvest = self.sandboxes.harvest(asked.id)
        detail |= self._stored(asked.id, harvest)
        detail["tampered"] = bool(harvest.frozen) and not model.is_tool
        if left_out := [*harvest.refused, *((p, "frozen") for p in harvest.frozen)]:
            said = ", ".join(f"{path} ({why})" for path, why in left_out[:5])
            detail["error"] = "; ".join(filter(None, (worked.error, f"left out: {said}")))
        result: Result = "ok" if worked.result == "ok" and harvest.changes else "unusable"
        if result == "unusable":
            detail["error"] = detail["error"] or "it changed nothing"
            detail["excerpt"] = worked.excerpt
        return Done(Attempted(asked.id, 0.0, result, usd), detail)

    def _stored(self, n: int, harvest: Harvested) -> dict[str, Any]:
        if not harvest.changes:
            return {}
        diff = self.sandboxes.diff(n)
        raw = diff.encode("utf-8", "surrogateescape")
        with guarded(self.folders.state):
            write_whole(self.folders.artifacts / f"{n}.patch", raw)
        files, lines = self.sandboxes.stat(n)
        return {
            "diff_sha": hashlib.sha256(raw).hexdigest(),
            "change_sha": keep(self.folders.state, self.sandboxes.kept(n)),
            "files_changed": files,
            "lines_changed": lines,
        }

    def _failures(self, asked: Attempt, written: list[Record]) -> Iterator[Failure]:
        """What a retry is told: the words of each check that failed, and the change they are of."""
        for n, validator in asked.feedback:
            for record in written:
                if validator == ANSWER and isinstance(record, AttemptRecord) and record.n == n:
                    yield Failure(n, ANSWER, record.error or "", record.excerpt)
                elif isinstance(record, CheckRecord) and (n, validator) == (
                    record.attempt,
                    record.validator,
                ):
                    yield Failure(n, validator, record.excerpt, self._diff(n))

    def _diff(self, n: int) -> str:
        """The stored change of an earlier attempt; empty where it made none."""
        try:
            return (self.folders.artifacts / f"{n}.patch").read_text("utf-8", "replace")
        except FileNotFoundError:
            return ""
