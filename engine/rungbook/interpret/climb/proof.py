"""One attempt on its way through the groups of checks, and the fold of their verdicts."""

from dataclasses import dataclass, field

from rungbook.interpret.climb.plan import Lane
from rungbook.interpret.climb.words import ANSWER, Checked, Feedback, Result, Verdict

_WORST_FIRST: tuple[Verdict, ...] = ("fail", "error", "pass")


@dataclass(slots=True)
class Proof:
    """A lane's attempt: how it ended, the checks now open, and what was heard of the others."""

    attempt: int
    lane: Lane
    result: Result | None = None
    groups_begun: int = 0
    open: dict[int, str] = field(default_factory=dict)
    heard: set[Verdict] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)

    def ended(self, result: Result) -> None:
        """Take the attempt's result."""
        self.result = result
        if result == "unusable":
            self.failed.append(ANSWER)

    def checked(self, event: Checked) -> None:
        """Take a check's verdict."""
        validator = self.open.pop(event.id)
        self.heard.add(event.verdict)
        if event.verdict == "fail":
            self.failed.append(validator)

    @property
    def standing(self) -> bool:
        """Whether there is a change, and nothing heard speaks against it."""
        return self.result == "ok" and self.heard.isdisjoint(("fail", "error"))

    @property
    def verdict(self) -> Verdict:
        """The verdicts as one: a pass outweighs unproved here, since one proof is enough.

        What is not applicable or was cancelled counts for nothing; nothing at all is unproved.
        """
        return next((v for v in _WORST_FIRST if v in self.heard), "unproved")

    @property
    def feedback(self) -> Feedback:
        """What a retry is told of this attempt."""
        return tuple((self.attempt, validator) for validator in sorted(self.failed))
