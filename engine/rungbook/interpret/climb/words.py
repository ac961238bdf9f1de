"""What a climb says (decisions) and hears (events); the fields are columns of the journal.

Every event but Stopped answers exactly one open decision, by id. Amounts are USD, `at` is seconds
of work since the run began: waiting for a person does not count.
"""

from dataclasses import dataclass
from typing import Literal

Result = Literal["ok", "unusable", "lost", "unreachable", "overflow", "budget", "cancelled"]
"""How an attempt ended.

ok: there is a change to prove. unusable: there is none, or none that may be used. lost: the engine
died while it ran, so what it did and cost is unknown. unreachable, overflow, budget: nobody got to
work: no answer from the host, a task over the context window, no money left to hold for the day.
cancelled: it was told to stop, by Cancel.
"""

WORKED: frozenset[Result] = frozenset({"ok", "unusable", "lost"})
"""Results that count as an attempt."""

Verdict = Literal["fail", "error", "unproved", "pass", "not-applicable", "cancelled"]
"""What a check says, the worst first.

fail: the change is wrong. error: the check itself broke. unproved: it passed, and had also passed
before the change. pass: it passed, and had not before, or has no before. not-applicable: it could
not run here and need not, so it counts for nothing. cancelled: it was told to stop, by Cancel.
"""

Outcome = Literal["pass", "skip", "review"]
"""pass: an attempt met the ladder's checks. skip: none did. review: a person is to look."""

Feedback = tuple[tuple[int, str], ...]
"""(attempt, validator) of each check that failed; (attempt, ANSWER) for an unusable answer."""

ANSWER = "answer"
"""Stands in feedback for the validator where an attempt was unusable."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Do the work → Attempted.

    `rung` and `round` (from 1) say where the ladder is, `model` and `variant` who works, `feedback`
    what failed in the round before, `usd_most` the most it may cost, `seconds_most` how long it may
    work, None without limit.
    """

    id: int
    rung: str
    round: int
    model: str
    variant: str | None
    feedback: Feedback
    usd_most: float
    seconds_most: float | None


@dataclass(frozen=True, slots=True)
class Check:
    """Prove the attempt of that id by a validator → Checked.

    `model` is the one that judges, None where the validator needs none; `usd_most` is its bound.
    """

    id: int
    attempt: int
    validator: str
    model: str | None
    usd_most: float


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask a person → Answered; about `spend`: may the rung `subject` cost up to `usd_most`?"""

    id: int
    about: Literal["spend"]
    subject: str
    usd_most: float


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop the open decision of that id; its own event still follows, `cancelled` or not."""

    id: int


@dataclass(frozen=True, slots=True)
class Leave:
    """A rung is left, or not entered; nothing to do.

    Because: failed, unproved, declined, attempts, seconds, usd (that budget is used up),
    unreachable, overflow, budget, or why the plan bars it.
    """

    rung: str
    because: str


@dataclass(frozen=True, slots=True)
class End:
    """Always the last word; nothing is open any more.

    Because: passed, unproved, check-broken, stopped, no-rungs, or why the last rung was left.
    `attempt` is the one that passed, or the one that a person is to look at; `proved`: one of its
    checks passed, and none was worse than unproved.
    """

    outcome: Outcome
    because: str
    attempt: int | None = None
    proved: bool = False


Decision = Attempt | Check | Ask | Cancel | Leave | End


@dataclass(frozen=True, slots=True)
class Attempted:
    """An attempt has ended and cost `usd`; a lost one counts at its bound, whatever stands here."""

    id: int
    at: float
    result: Result
    usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Checked:
    """A check has ended and cost `usd`: the bound, if it was paid for and lost."""

    id: int
    at: float
    verdict: Verdict
    usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Answered:
    """A person has answered."""

    id: int
    at: float
    yes: bool


@dataclass(frozen=True, slots=True)
class Stopped:
    """The one event that answers nothing: a person or a shutdown ends the run."""

    at: float


Event = Attempted | Checked | Answered | Stopped


def one_word(event: Attempted | Checked | Answered) -> Result | Verdict | Literal["yes", "no"]:
    """The result, the verdict or the answer that an event brings."""
    if isinstance(event, Attempted):
        return event.result
    if isinstance(event, Checked):
        return event.verdict
    return "yes" if event.yes else "no"
