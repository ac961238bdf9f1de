"""Everything a run needs, resolved once: a value, and the run's first record.

Nothing reads the Rulebook after this, so a reload, a dirty tree or an approval three days later
change nothing for a run in flight.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rungbook.rulebook.matrix import Exhausted, Unproved
from rungbook.rulebook.model import Model
from rungbook.rulebook.validator import Validator


@dataclass(frozen=True, slots=True)
class Lane:
    """One model of a rung (a race has several), the most an attempt can cost, and its checker.

    `checker` is the model that judges this lane's attempts, never `model` itself; `checker_usd` the
    most one such judgement can cost. All amounts in USD.
    """

    model: str
    usd: float = 0.0
    checker: str | None = None
    checker_usd: float = 0.0
    variant: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One rung, resolved; `barred` says why it is not entered at all."""

    name: str
    lanes: tuple[Lane, ...]
    attempts: int = 1
    barred: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the rulebook that had a say, and the hash of its content."""

    part: str
    hash: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`verify`: groups of validators; a group runs at once, groups run in order.

    `judges` are the validators that need the lane's checker. `prompts`: the texts of the templates
    that models and judges are given, by name. Limits: None is no limit; `seconds` of
    work, `usd` for the task, `usd_day` for the project and day. `test` is the project's test
    command, empty where there is none. `models` and `validators` are those the plan can come to
    use; `parts` what decided; `notes` what was passed over, and why.
    """

    ladder: str
    steps: tuple[Step, ...]
    verify: tuple[tuple[str, ...], ...]
    judges: tuple[str, ...] = ()
    exhausted: Exhausted = "skip"
    unproved: Unproved = "accept"
    confirm_above_usd: float | None = 0.0
    attempts: int | None = None
    seconds: float | None = None
    usd: float | None = None
    usd_day: float | None = None
    frozen: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    models: tuple[Model, ...] = ()
    validators: tuple[Validator, ...] = ()
    prompts: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()

    def round_usd(self, step: Step) -> float:
        """The dearest one round of a step can get, in USD: every lane, every judge."""
        judged = sum(v in self.judges for group in self.verify for v in group)
        return sum(lane.usd + lane.checker_usd * judged for lane in step.lanes)

    def model(self, name: str) -> Model:
        """A model of the plan; raises StopIteration for any other."""
        return next(m for m in self.models if m.name == name)

    def validator(self, name: str) -> Validator:
        """A validator of the plan; raises StopIteration for any other."""
        return next(v for v in self.validators if v.name == name)
