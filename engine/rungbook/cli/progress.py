"""A run in plain words, as it happens: for people, and for programs."""

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TextIO

from rungbook.interpret.climb.words import (
    Ask,
    Attempt,
    Attempted,
    Cancel,
    Check,
    Checked,
    Decision,
    End,
    Event,
    Leave,
)
from rungbook.render.text import clean, count, money, phrases
from rungbook.runtime.engine import Begun, Ended


@dataclass(slots=True)
class Progress:
    """Tells people what happens while it happens; on a terminal also what is under way."""

    out: TextIO = sys.stderr
    asked: dict[int, Attempt | Check | Ask] = field(default_factory=dict)
    made: dict[int, Attempt] = field(default_factory=dict)
    usd: float = 0.0
    shown: str = ""
    since: float = field(default_factory=time.monotonic)

    def begun(self, begun: Begun) -> None:
        """What is about to happen."""
        seen = begun.classified
        self.say(f"run {begun.run}")
        self.say(f"  {seen.type}, complexity {seen.complexity:g}, confidence {seen.confidence:g}: "
                 f"ladder {begun.ladder}")  # fmt: skip
        if begun.suite:
            command = " ".join(begun.suite.argv).replace("{python}", "python")
            self.say(f"  tests: {command}  ({begun.suite.because})")
        else:
            self.say("  tests: none found here; --test CMD names the command")
        for note in begun.notes:
            self.say(f"  passed over: {note}")

    def tell(self, word: Decision | Event, detail: Mapping[str, Any]) -> None:
        """One decision or event."""
        if isinstance(word, Attempt | Check | Ask):
            self.asked[word.id] = word
            if isinstance(word, Attempt):
                self.made[word.id] = word
        elif isinstance(word, Attempted | Checked):
            self.usd += word.usd
            asked = self.asked.pop(word.id)
            if isinstance(asked, Attempt) and isinstance(word, Attempted):
                self.attempted(asked, word, detail)
            elif isinstance(asked, Check) and isinstance(word, Checked):
                self.checked(asked, word, detail)
        elif isinstance(word, Leave):
            self.say(f"  {word.rung}: left, {word.because}")
        elif not isinstance(word, Cancel | End):
            self.asked.pop(getattr(word, "id", 0), None)
        self.status()

    def attempted(self, asked: Attempt, word: Attempted, detail: Mapping[str, Any]) -> None:
        """An attempt has closed."""
        files, lines = detail.get("files_changed"), detail.get("lines_changed")
        changed = f", {count(files, 'file')}, {count(lines or 0, 'line')}" if files else ""
        error = f" ({phrases(detail['error'])})" if detail.get("error") else ""
        self.say(f"  {asked.rung}: {asked.model}, try {asked.round}: {word.result}{changed}{error}"
                 f"  {word.at:.1f} s {money(self.usd)}")  # fmt: skip

    def checked(self, asked: Check, word: Checked, detail: Mapping[str, Any]) -> None:
        """A check has closed."""
        reason = str(detail.get("excerpt", "")).split("\n", 1)[0]
        said = f"{word.verdict}, {reason}" if reason else word.verdict
        self.say(f"    {asked.validator}{self._of(asked)}: {said}  {word.at:.1f} s")

    def _of(self, check: Check) -> str:
        """Whose change a check looked at, where more than one races."""
        if (one := self.made.get(check.attempt)) is None:  # made before the run was gone on with
            return ""
        place = (one.rung, one.round)
        several = sum((other.rung, other.round) == place for other in self.made.values()) > 1
        return f" of {one.model}" if several else ""

    def status(self) -> None:
        """What is under way, on one line that is written over."""
        if not self.out.isatty():
            return
        doing = [f"{d.rung}: {d.model}" if isinstance(d, Attempt) else
                 d.validator if isinstance(d, Check) else f"{d.subject}?"
                 for d in self.asked.values()]  # fmt: skip
        text = ", ".join(doing)
        self.wipe()
        if text:
            self.shown = f"  … {text}  {time.monotonic() - self.since:.0f} s"
            print(self.shown, end="", file=self.out, flush=True)

    def wipe(self) -> None:
        """Take the status line away."""
        if self.shown:
            print("\r" + " " * len(self.shown) + "\r", end="", file=self.out, flush=True)
            self.shown = ""

    def say(self, line: str) -> None:
        """A line that stays."""
        self.wipe()
        print(clean(line), file=self.out, flush=True)

    def ended(self, ended: Ended) -> None:
        """How it ended."""
        end = ended.end
        if end is None:
            self.say(f"waits for you: rungbook review {ended.run}")
            return
        by = {"passed": "proved", "unproved": "nothing was proved"}.get(end.because, end.because)
        self.say(f"{end.outcome}: {by}, {money(self.usd)}")
        if end.outcome == "review":
            self.say(f"takes a look: rungbook review {ended.run}")
        if ended.not_applied:
            self.say(f"not applied: {ended.not_applied}")
            self.say(f"apply it later: rungbook apply {ended.run}")
        elif ended.applied:
            where = f"committed to branch {ended.branch}" if ended.branch else ""
            self.say(where or "applied to the project")


class JsonLines:
    """Tells programs: one JSON object a line on standard output."""

    def begun(self, begun: Begun) -> None:
        """What is about to happen."""
        suite = begun.suite
        self.say("begun", run=begun.run, ladder=begun.ladder, **asdict(begun.classified),
                 test=suite.argv if suite else None, notes=begun.notes)  # fmt: skip

    def tell(self, word: Decision | Event, detail: Mapping[str, Any]) -> None:
        """One decision or event."""
        self.say(type(word).__name__.lower(), **{**asdict(word), **detail})

    def status(self) -> None:
        """Nothing: programs need no reminder."""

    def ended(self, ended: Ended) -> None:
        """How it ended."""
        end = asdict(ended.end) if ended.end else {"outcome": "waits"}
        self.say("ended", run=ended.run, **end, applied=ended.applied, branch=ended.branch,
                 not_applied=ended.not_applied, diff=ended.diff)  # fmt: skip

    def say(self, event: str, **fields: Any) -> None:
        """One line."""
        print(json.dumps({"event": event, **fields}, ensure_ascii=False, default=str), flush=True)
