"""What a run has used of what its plan allows; re-checked before every round."""

from dataclasses import dataclass

from rungbook.interpret.climb.plan import Plan, Step
from rungbook.interpret.climb.words import (
    WORKED,
    Answered,
    Ask,
    Attempt,
    Attempted,
    Check,
    Checked,
    Stopped,
)

SLACK_USD = 1e-9
"""Sums of cents in binary are off by less than this: a budget of 0.3 affords 0.1 and 0.2."""


@dataclass(slots=True)
class Budget:
    """Attempts that got to work, USD of workers and judges, and seconds of work, so far."""

    plan: Plan
    attempts: int = 0
    usd: float = 0.0
    seconds: float = 0.0

    def count(self, asked: Attempt | Check | Ask, event: Attempted | Checked | Answered) -> None:
        """Take an answered decision; a lost attempt counts at its bound."""
        self.seconds = event.at
        if isinstance(event, Attempted):
            self.attempts += event.result in WORKED
            self.usd += asked.usd_most if event.result == "lost" else event.usd
        elif isinstance(event, Checked):
            self.usd += event.usd

    def stop(self, event: Stopped) -> None:
        """Take the time at which the run was stopped."""
        self.seconds = event.at

    def lacks(self, step: Step) -> str | None:
        """Which budget one more round of the step would overdraw."""
        plan = self.plan
        if plan.attempts is not None and self.attempts + len(step.lanes) > plan.attempts:
            return "attempts"
        if plan.seconds is not None and self.seconds >= plan.seconds:
            return "seconds"
        if plan.usd is not None and self.usd + plan.round_usd(step) > plan.usd + SLACK_USD:
            return "usd"
        return None

    def seconds_left(self) -> float | None:
        """How long the next round may work; None without limit."""
        return None if self.plan.seconds is None else self.plan.seconds - self.seconds

    def to_confirm(self, step: Step) -> float | None:
        """The most a rung may cost, in USD, where that is so much that a person has to agree."""
        usd, above = self.plan.round_usd(step) * step.attempts, self.plan.confirm_above_usd
        return None if above is None or usd <= above + SLACK_USD else usd
