"""One run from its first record to its end, or from where it stood when its engine stopped."""

from dataclasses import dataclass

import anyio
from anyio import to_thread

from rungbook.checks.suites import recognise
from rungbook.interpret.climb.words import End
from rungbook.ports import Approver
from rungbook.records import PlanRecord
from rungbook.runtime.attempts import Attempts
from rungbook.runtime.clock import WorkClock
from rungbook.runtime.drive import Tell, drive
from rungbook.runtime.effects import RunEffects
from rungbook.runtime.folders import Folders
from rungbook.runtime.ledger import Ledger
from rungbook.runtime.proofs import Proofs
from rungbook.runtime.providers import Providers
from rungbook.runtime.recorder import Recorder
from rungbook.runtime.sandboxes import Sandboxes
from rungbook.runtime.standing import Standing, standing


@dataclass(slots=True)
class Run:
    """A run that is begun: its first record is written, and this process alone works on it."""

    folders: Folders
    recorder: Recorder
    sandboxes: Sandboxes
    first: PlanRecord
    providers: Providers

    async def go(self, approver: Approver, tell: Tell, stop: anyio.Event) -> End | None:
        """Go on to the end; None when the run waits for a person.

        What runs is what was recorded, so a run that goes on is the run that began.
        """
        at = await to_thread.run_sync(standing, list(self.recorder.written))
        effects = await to_thread.run_sync(self._effects, approver, at)
        return await drive(at.flow, at.due, effects, tell, stop) if at.due else at.end

    def _effects(self, approver: Approver, at: Standing) -> RunEffects:
        plan, first, folders = at.plan, self.first, self.folders
        suite = recognise(plan.test) if plan.test else None
        ledger = Ledger(folders.state, self.recorder, first.project, first.task_type, plan.usd_day)
        proofs = Proofs(plan, first, self.sandboxes, self.providers, suite)
        return RunEffects(
            plan=plan,
            task=first.description,
            attempts=Attempts(plan, first, self.sandboxes, self.providers, proofs, folders),
            proofs=proofs,
            ledger=ledger,
            recorder=self.recorder,
            approver=approver,
            clock=WorkClock(before=at.seconds),
            lost=ledger.restore(list(self.recorder.written)),
        )
