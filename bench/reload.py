"""What it takes until a change of specs is live, in a rulebook of 1,000 specs in 1,000 files.

One edited spec compiles again in at most a twentieth of a cold load (p95, without debounce): the
edits in this process, each after a pause, the cold loads in fresh ones, in turn. Then what a user
waits for: from the save, and from `git switch` with every file changed, until it is in use.
Run: `python bench/reload.py [N]`.
"""

import queue
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from anyio.from_thread import start_blocking_portal
from load import OURS, measure
from make_specs import make

from rungbook.compiler.load import Memo, load
from rungbook.runtime.live import Live, Reload
from rungbook.store.journal import Journal

RATIO, ROUNDS, EDITS = 1 / 20, 12, 20
SETTLED_S = 0.06
"""Seconds after which a time stamp can be trusted, and a file need not be read again."""

COUNTS = re.compile(r"(summary: \"|timeout: {seconds: |budget: {per_task: {attempts: )")
"""What an edit puts a digit behind: prose in one file, a number that counts in others."""


def edited(path: Path, i: int) -> None:
    """Change one thing in a file, as somebody would who tries numbers out."""
    text = path.read_text("utf-8")
    *_, last = COUNTS.finditer(text)
    kept = re.sub(r"^\d+", "", text[last.end() :])
    path.write_text(f"{text[: last.end()]}{i + 10}{kept}", "utf-8")


def compiled(specs: Path) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of cold loads, of loads after one edit each, and the second by the first.

    Each is held against the cold load of its round: machines have slow minutes.
    """
    files, choose, memo = sorted(specs.rglob("*.yaml")), random.Random(7), Memo()
    load([specs], memo=memo)
    measure(OURS, specs)  # not counted: writes bytecode
    cold, again, ratios = [], [], []
    for round_ in range(ROUNDS):
        cold.append(measure(OURS, specs)["ms"])
        for i in range(EDITS):
            edited(choose.choice(files), round_ * EDITS + i)
            began = time.perf_counter()
            loaded = load([specs], memo=memo)
            again.append((time.perf_counter() - began) * 1e3)
            ratios.append(again[-1] / cold[-1])
            assert loaded.rulebook is not None, loaded.findings[:3]
            time.sleep(SETTLED_S)
    return cold, again, ratios


def waited(specs: Path, state: Path) -> tuple[list[float], list[float], int]:
    """Milliseconds from a save to its swap, of a checkout, and the most attempts it took."""
    told: queue.Queue[Reload] = queue.Queue()
    files, choose = sorted(specs.rglob("*.yaml")), random.Random(8)
    saves, checkouts, attempts = [], [], 0
    with Journal(state) as journal, start_blocking_portal() as portal:
        live = Live(specs, journal, told.put, project=specs, surface="bench")
        task = portal.start_task_soon(live.run)
        told.get()
        for i in range(2 * EDITS):
            edited(choose.choice(files), i)
            began = time.perf_counter()
            assert told.get().ok
            saves.append((time.perf_counter() - began) * 1e3)
        books = branches(specs, files)
        while live.rulebook is None or live.rulebook.id != books["one"]:
            told.get()
        for i in range(6):
            branch, tries = ("two", "one")[i % 2], 0
            began = time.perf_counter()
            git(specs, "switch", "-q", branch)
            while live.rulebook.id != books[branch]:
                told.get()
                tries += 1
            checkouts.append((time.perf_counter() - began) * 1e3)
            attempts = max(attempts, tries)
        task.cancel()
    return saves, checkouts, attempts


def branches(specs: Path, files: list[Path]) -> dict[str, str]:
    """Two branches whose files all differ, and the rulebook of each; the first is checked out."""
    books = {}
    git(specs, "init", "-q", "-b", "one")
    committed(specs)
    git(specs, "switch", "-q", "-c", "two")
    for i, path in enumerate(files):
        edited(path, i)
    committed(specs)
    for branch in ("two", "one"):
        git(specs, "switch", "-q", branch)
        loaded = load([specs])
        assert loaded.rulebook is not None
        books[branch] = loaded.rulebook.id
    return books


def committed(specs: Path) -> None:
    """Commit all that is there."""
    git(specs, "add", "-A")
    git(specs, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "as it is")


def git(specs: Path, *args: str) -> None:
    """Plain git."""
    subprocess.run(["git", *args], cwd=specs, check=True)


def row(name: str, values: list[float]) -> str:
    """p50 and p95 of some milliseconds."""
    return f"{name:<44} {median(values):8.1f} {quantiles(values, n=20)[-1]:8.1f}"


def main(n: int) -> int:
    """Print the tables; 1 when the target is missed."""
    with tempfile.TemporaryDirectory() as scratch:
        specs = Path(scratch) / "specs"
        make(specs, n)
        cold, again, ratios = compiled(specs)
        saves, checkouts, attempts = waited(specs, Path(scratch) / "state")
    ratio = quantiles(ratios, n=20)[-1]
    print(f"{n} specs in {n} files; milliseconds{'p50':>20} {'p95':>8}")
    print(row("cold load", cold))
    print(row("load again, one spec edited", again))
    print(row("saved → in use, quiet time included", saves))
    print(row("git switch, all files changed → in use", checkouts))
    print(f"attempts a checkout: {attempts} at most")
    print(f"edit / cold load of its round, p50: 1/{1 / median(ratios):.0f}, ", end="")
    print(f"p95: 1/{1 / ratio:.0f}, target 1/{1 / RATIO:.0f}")
    return int(ratio > RATIO)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
