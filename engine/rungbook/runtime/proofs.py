"""One check: on a fresh tree of base plus change, beside what the untouched base gives."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
from anyio import to_thread

from rungbook import prompts
from rungbook.checks import command, files, judge, parse
from rungbook.checks.suites import Suite
from rungbook.interpret import validate
from rungbook.interpret.climb.plan import Plan
from rungbook.interpret.climb.words import Check, Checked
from rungbook.interpret.validate import Judged
from rungbook.ports import Answer, Chat
from rungbook.process import Limits
from rungbook.records import CheckRecord, PlanRecord, Record
from rungbook.rulebook.observation import Observation, Observed
from rungbook.rulebook.validator import Judge, Parse, Regex, Schema, Tests, Validator
from rungbook.runtime.drive import Done
from rungbook.runtime.providers import Providers
from rungbook.runtime.sandboxes import Sandboxes
from rungbook.workspace.changes import LINK

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

    async def make(self, asked: Check, written: Sequence[Record] = ()) -> Done:
        """Observe the change and the base, then judge; a judge is told the checks `written`."""
        began = time.monotonic()
        validator = self.plan.validator(asked.validator)
        if isinstance(validator.check, Judge):
            done = await self._asked(asked, validator, validator.check, written)
        else:
            done = await self._looked(asked, validator)
        done.detail["latency_ms"] = (time.monotonic() - began) * 1000
        return done

    async def _looked(self, asked: Check, validator: Validator) -> Done:
        """What a check sees for itself."""
        changes = await to_thread.run_sync(self.sandboxes.changes, asked.attempt)
        paths = tuple(change.path for change in changes if change.mode)
        after = await self._observe(validator, asked.attempt, paths)
        before = await self._baseline(validator, paths)
        judged = validate.judge(validator, after.observation, before.observation)
        detail = {"confidence": validator.confidence, "baseline": judged.baseline}
        return _done(asked, judged, after.excerpt, detail)

    async def before(self) -> str:
        """What the project's tests say of the untouched tree; empty where none are asked."""
        asked = (v for v in self.plan.validators if isinstance(v.check, Tests))
        seen = [await self._baseline(validator, ()) for validator in asked]
        return "\n".join(filter(None, (one.excerpt for one in seen)))

    async def _asked(
        self, asked: Check, validator: Validator, check: Judge, written: Sequence[Record]
    ) -> Done:
        """What the lane's checker says of the task and the change; unknown cost is its bound."""
        try:
            text = await to_thread.run_sync(self._question, asked, check, written)
        except judge.Unasked as e:
            seen, answer = Observed(Observation(broke=str(e))), Answer("overflow", usd=0.0)
        else:
            chat = Chat(text, validator.timeout_s, judge.SCHEMA, f"{self.first.run}-{asked.id}")
            checker = self.providers.chat(self.plan.model(str(asked.model)))
            seen, answer = await judge.observe(checker, chat)
        judged = validate.judge(validator, seen.observation, None)
        said = seen.observation.judgement
        detail = {
            "confidence": said.confidence if said else validator.confidence,
            "tokens_in": answer.tokens_in,
            "tokens_out": answer.tokens_out,
        }
        usd = asked.usd_most if answer.usd is None else answer.usd
        return _done(asked, judged, seen.excerpt, detail, usd)

    def _question(self, asked: Check, check: Judge, written: Sequence[Record]) -> str:
        """What the judge is asked; raises Unasked."""
        template = self.plan.prompts[check.prompt]
        most = self.plan.model(str(asked.model)).prompt_tokens(self.first.tokens or 0)
        matter: dict[str, prompts.Plain] = {
            "task": self.first.description,
            "diff": self.sandboxes.diff(asked.attempt),
            "files": self._files(asked.attempt) if "files" in template else [],
            "checks": [
                {"validator": r.validator, "verdict": r.verdict}
                for r in written
                if isinstance(r, CheckRecord) and r.attempt == asked.attempt
            ],
        }
        return judge.question(template, most, **matter)

    def _files(self, attempt: int) -> list[prompts.Plain]:
        """The changed files as they are now, path and text; links and binary files left out."""
        changes = [c for c in self.sandboxes.changes(attempt) if c.mode not in ("", LINK)]
        blobs = self.sandboxes.trees.blobs(c.blob for c in changes)
        return [
            {"path": c.path, "text": blobs[c.blob].decode(errors="replace")}
            for c in changes
            if b"\0" not in blobs[c.blob]
        ]

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

    async def _look(self, validator: Validator, tree: Path, paths: tuple[str, ...]) -> Observed:
        box = await to_thread.run_sync(self.sandboxes.box, tree, validator.environment)
        limits = Limits(seconds=validator.timeout_s)
        if isinstance(validator.check, Parse):
            return await parse.observe(box, limits, paths)
        if isinstance(validator.check, Regex | Schema):
            return await files.observe(validator.check, box, limits, paths)
        return await command.observe(validator, box, limits, paths, self.suite)


def _done(
    asked: Check, judged: Judged, excerpt: str, detail: dict[str, Any], usd: float = 0.0
) -> Done:
    said = "\n".join(filter(None, (judged.reason, excerpt)))
    return Done(Checked(asked.id, 0.0, judged.verdict, usd), {**detail, "excerpt": said})
