"""One-line mutants of the climb: the other tests of this folder kill every one of them."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import rungbook

PACKAGE = Path(rungbook.__file__).parent
HERE = Path(__file__).parent
CLIMB = "interpret/climb"

MUTANTS = {
    "budget.py": [
        ("self.attempts + len(step.lanes) > plan.attempts", "self.attempts >= plan.attempts"),
        ("self.seconds >= plan.seconds", "self.seconds > plan.seconds"),
        ("self.usd + plan.round_usd(step) > plan.usd + SLACK_USD", "self.usd > plan.usd"),
        ("plan.round_usd(step) > plan.usd + SLACK_USD", "plan.round_usd(step) > plan.usd"),
        ('asked.usd_most if event.result == "lost" else event.usd', "event.usd"),
        ("            self.usd += event.usd\n", "            pass\n"),
        ("self.attempts += event.result in WORKED", "self.attempts += 1"),
        ("plan.round_usd(step) * step.attempts", "plan.round_usd(step)"),
        ("usd <= above + SLACK_USD", "usd < above"),
        ("self.plan.seconds - self.seconds", "self.plan.seconds"),
        ("        self.seconds = event.at\n        if isinstance", "        if isinstance"),
    ],
    "proof.py": [
        ('if result == "unusable":', "if False:"),
        ('        if event.verdict == "fail":', '        if event.verdict == "error":'),
        ('self.heard.isdisjoint(("fail", "error"))', 'self.heard.isdisjoint(("fail",))'),
        ('self.result == "ok" and self.heard', "self.heard"),
        ('("fail", "error", "pass")', '("error", "fail", "pass")'),
        ('("fail", "error", "pass")', '("fail", "error", "unproved", "pass")'),
        ('self.heard), "unproved")', 'self.heard), "pass")'),
        ("in sorted(self.failed)", "in self.failed"),
    ],
    "words.py": [
        ('frozenset({"ok", "unusable", "lost"})', 'frozenset({"ok", "unusable"})'),
        ('frozenset({"ok", "unusable", "lost"})', 'frozenset({"ok", "lost"})'),
    ],
    "climb.py": [
        ("        self.cancel(self.open)\n", ""),
        ("        while self.open:", "        while False:"),
        ('End("skip", "stopped")', "End(self.plan.exhausted, 'stopped')"),
        ("with suppress(_Stop):", "with suppress(ValueError):"),
        ("            self.say.append(Leave(step.name, because))\n", ""),
        ("return End(self.plan.exhausted, because)", 'return End("skip", because)'),
        ("step.barred or self.budget.lacks(step)", "self.budget.lacks(step)"),
        ("step.barred or self.budget.lacks(step)", "step.barred"),
        ("            if because := self.budget.lacks(step):", "            if because := None:"),
        ("range(1, step.attempts + 1)", "range(1, step.attempts + 2)"),
        ("            if met := self.outcome(proofs):", "            if met := None:"),
        (" if p.result in WORKED))", "))"),
        ("feedback = tuple(told for p in proofs for told in p.feedback)", "feedback = ()"),
        ("isinstance(event, Answered) and event.yes", "isinstance(event, Answered)"),
        ("            if self.won(proof):\n                break\n", ""),
        ("                self.cancel(proof.open)", "                pass"),
        ("and not proof.open and proof.groups_begun <", "and proof.groups_begun <"),
        ("        while proof.standing and not", "        if proof.standing and not"),
        ("proof.groups_begun += 1", "proof.groups_begun += 2"),
        ("if judged else (None, 0.0)", "if judge else (None, 0.0)"),
        ('proof.verdict == "pass" or self.plan.unproved == "accept"', "True"),
        ("proof.standing and not proof.open and enough", "proof.standing and enough"),
        ('"passed" if proved else "unproved", p.attempt, proved', '"passed", p.attempt, True'),
        ('            if p.verdict == "error":', "            if False:"),
        ('self.plan.unproved == "review"', "False"),
        ("        if any(p.result in WORKED for p in proofs):", "        if proofs:"),
        ("            raise _Stop", "            return event"),
        ("asked is None or type(event) is not _ANSWERS[type(asked)]", "asked is None"),
        ('== "cancelled" and event.id not in self.cancelled', '== "cancelled" and False'),
        ("if i not in self.cancelled]", "]"),
    ],
}  # fmt: skip


def survives(folder: Path, module: str, old: str, new: str) -> bool:
    """Whether the tests pass with that line changed; one that hangs does not survive."""
    package = folder / "rungbook"
    package.mkdir(parents=True)
    for part in PACKAGE.iterdir():  # what is not changed is shared
        (package / part.name).symlink_to(part)
    (package / "interpret").unlink()
    shutil.copytree(PACKAGE / "interpret", package / "interpret")
    path = package / CLIMB / module
    source = path.read_text()
    assert old in source, f"{module}: nothing to change: {old}"
    path.write_text(source.replace(old, new, 1))
    tests = [HERE / name for name in ("test_rules.py", "test_properties.py")]
    options = ["-xq", "--noconftest", "-p", "no:cacheprovider"]
    options += ["--import-mode=importlib", "--hypothesis-seed=1"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-c", os.devnull, *tests],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        timeout=60,
    )
    return done.returncode == 0


def tried(of: tuple[Path, str, str, str]) -> str | None:
    folder, module, old, new = of
    try:
        return f"{module}: {old} → {new}" if survives(folder, module, old, new) else None
    except subprocess.TimeoutExpired:
        return None


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_mutant_is_killed(tmp_path):
    unchanged = ("climb.py", "class _Climb", "class _Climb")
    assert survives(tmp_path / "unchanged", *unchanged), "the tests fail without any mutant"
    named = [(module, *change) for module, changes in MUTANTS.items() for change in changes]
    work = [(tmp_path / str(n), *mutant) for n, mutant in enumerate(named)]
    with ThreadPoolExecutor(2) as pool:
        assert [told for told in pool.map(tried, work) if told] == []
