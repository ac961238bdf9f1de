"""One check: on a fresh tree of base plus change, beside what the untouched base gives."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
from anyio import to_thread

from rungbook.checks import command, parse
from rungbook.checks.suites import Suite
from rungbook.interpret.climb.plan import Plan
from rungbook.interpret.climb.words import Check, Checked
from rungbook.interpret.validate import Judged, judge
from rungbook.process import Limits
from rungbook.records import PlanRecord
from rungbook.rulebook.observation import Observed
from rungbook.rulebook.validator import Judge, Parse, Tests, Validator
from rungbook.runtime.drive import Done
from rungbook.runtime.providers import Providers
from rungbook.runtime.sandboxes import Sandboxes

Asked = tuple[str, tuple[str, ...]]
"""A validator, and the files it is asked about."""


@dataclass(slots=True)
class Proofs:
    """Carries out the checks of one run; the base is observed once for each that is asked of it."""

    plan: Plan
    first: PlanRecord
    sandboxes: Sandboxes
    providers: Providers
    suite: Suite | None
    baselines: dict[Asked, Observed] = field(default_factory=dict)
    locks: dict[Asked, anyio.Lock] = field(default_factory=dict)

    async def make(self, asked: Check) -> Done:
        """Observe the change and the base, then judge."""
        began = time.monotonic()
        validator = self.plan.validator(asked.validator)
        if isinstance(validator.check, Judge):
            return await self._asked(asked, validator, began)
        changes = await to_thread.run_sync(self.sandboxes.changes, asked.attempt)
        files = tuple(change.path for change in changes if change.mode)
        after = await self._observe(validator, asked.attempt, files)
        before = await self._baseline(validator, files)
        judged = judge(validator, after.observation, before.observation)
        return self._done(asked, validator, judged, after.excerpt, began)

    async def _asked(self, asked: Check, validator: Validator, began: float) -> Done:
        """What the lane's checker says of the task and the change."""
        judged = Judged("error", f"this release has no client to ask {asked.model}")
        return self._done(asked, validator, judged, "", began)

    async def before(self) -> str:
        """What the project's tests say of the untouched tree; empty where none are asked."""
        asked = (v for v in self.plan.validators if isinstance(v.check, Tests))
        seen = [await self._baseline(validator, ()) for validator in asked]
        return "\n".join(filter(None, (one.excerpt for one in seen)))

    async def _baseline(self, validator: Validator, files: tuple[str, ...]) -> Observed:
        """What the untouched base gives; all but the tests are asked about the changed files."""
        asked = (validator.name, () if isinstance(validator.check, Tests) else files)
        async with self.locks.setdefault(asked, anyio.Lock()):
            if asked not in self.baselines:
                self.baselines[asked] = await self._observe(validator, None, files)
            return self.baselines[asked]

    async def _observe(
        self, validator: Validator, attempt: int | None, files: tuple[str, ...]
    ) -> Observed:
        tree = await to_thread.run_sync(self.sandboxes.proof, attempt)
        try:
            return await self._look(validator, tree, files)
        finally:
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(self.sandboxes.trees.drop, tree)

    async def _look(self, validator: Validator, tree: Path, files: tuple[str, ...]) -> Observed:
        box = await to_thread.run_sync(self.sandboxes.box, tree, validator.environment)
        limits = Limits(seconds=validator.timeout_s)
        if isinstance(validator.check, Parse):
            return await parse.observe(box, limits, files)
        return await command.observe(validator, box, limits, files, self.suite)

    def _done(
        self, asked: Check, validator: Validator, judged: Judged, excerpt: str, began: float
    ) -> Done:
        detail: dict[str, Any] = {
            "confidence": validator.confidence,
            "baseline": judged.baseline,
            "excerpt": "\n".join(filter(None, (judged.reason, excerpt))),
            "latency_ms": (time.monotonic() - began) * 1000,
        }
        return Done(Checked(asked.id, 0.0, judged.verdict), detail)
