"""One attempt: a worker in a sandbox of its own, and what it changed there."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anyio import to_thread

from rungbook.globs import matches_any
from rungbook.interpret.climb.plan import Plan
from rungbook.interpret.climb.words import ANSWER, Attempt, Attempted, Result
from rungbook.ports import Job, Worked, Worker
from rungbook.records import CheckRecord, Record
from rungbook.rulebook.model import Model
from rungbook.runtime.describe import language
from rungbook.runtime.drive import Done
from rungbook.runtime.sandboxes import Harvested, Sandboxes
from rungbook.store.disk import write_whole
from rungbook.store.layout import guarded

Workers = Callable[[Model], Worker | None]
"""Who does a Model's work; None where this machine has nobody for it."""


@dataclass(slots=True)
class Attempts:
    """Carries out the attempts of one run."""

    plan: Plan
    task: str
    files: tuple[str, ...]
    sandboxes: Sandboxes
    workers: Workers
    artifacts: Path

    async def make(self, asked: Attempt, written: list[Record]) -> Done:
        """Let the worker work, then harvest what it changed."""
        began = time.monotonic()
        model = self.plan.model(asked.model)
        worker = self.workers(model)
        if worker is None:
            protocol = model.provider.type if model.provider else "command"
            detail = {"error": f"this release has no client for {protocol}"}
            return Done(Attempted(asked.id, 0.0, "unreachable"), detail)
        tree = await to_thread.run_sync(self.sandboxes.trees.attempt, asked.id)
        box = await to_thread.run_sync(self.sandboxes.box, tree, model.environment)
        files = await to_thread.run_sync(self._files)
        most = model.timeout_s if asked.seconds_most is None else asked.seconds_most
        seconds = min(model.timeout_s, most)
        worked = await worker.work(Job(self.task, box, seconds, told(asked, written), files))
        done = await to_thread.run_sync(self._close, asked, model, worked)
        done.detail["latency_ms"] = (time.monotonic() - began) * 1000
        return done

    def _files(self) -> tuple[str, ...]:
        """The task's files, else those of languages we know; the frozen ones left out."""
        files = self.files or tuple(f for f in self.sandboxes.trees.files() if language(f))
        return tuple(f for f in files if not matches_any(f, self.plan.frozen))

    def _close(self, asked: Attempt, model: Model, worked: Worked) -> Done:
        """What came of it: the change is stored before its record says so."""
        detail: dict[str, Any] = {
            "isolation": self.sandboxes.isolation,
            "host": model.provider.host if model.provider else None,
            "tokens_in": worked.tokens_in,
            "tokens_out": worked.tokens_out,
            "error": worked.error,
        }
        usd = asked.usd_most if worked.usd is None else min(worked.usd, asked.usd_most)
        if worked.result in ("unreachable", "overflow"):
            return Done(Attempted(asked.id, 0.0, worked.result, 0.0), detail)
        harvest = self.sandboxes.harvest(asked.id)
        detail |= self._stored(asked.id, harvest)
        detail["tampered"] = bool(harvest.frozen) and not model.is_tool
        if left_out := [*harvest.refused, *((p, "frozen") for p in harvest.frozen)]:
            said = ", ".join(f"{path} ({why})" for path, why in left_out[:5])
            detail["error"] = "; ".join(filter(None, (worked.error, f"left out: {said}")))
        result: Result = "ok" if worked.result == "ok" and harvest.changes else "unusable"
        if result == "unusable" and not detail["error"]:
            detail["error"] = "it changed nothing"
        return Done(Attempted(asked.id, 0.0, result, usd), detail)

    def _stored(self, n: int, harvest: Harvested) -> dict[str, Any]:
        if not harvest.changes:
            return {}
        diff = self.sandboxes.diff(n)
        raw = diff.encode("utf-8", "surrogateescape")
        with guarded(self.artifacts):
            write_whole(self.artifacts / f"{n}.patch", raw)
        files, lines = self.sandboxes.stat(n)
        sha = hashlib.sha256(raw).hexdigest()
        return {"diff_sha": sha, "files_changed": files, "lines_changed": lines}


def told(asked: Attempt, written: list[Record]) -> str:
    """What a retry is told: the output of each check that failed before."""
    checks = [r for r in written if isinstance(r, CheckRecord)]
    parts = []
    for attempt, validator in asked.feedback:
        if validator == ANSWER:
            parts.append("Your last attempt changed no file that may be changed.")
        for check in checks:
            if (check.attempt, check.validator) == (attempt, validator):
                parts.append(f"The check `{validator}` failed:\n{check.excerpt}")
    return "\n\n".join(parts)
