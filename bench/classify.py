"""How well the built-in taxonomy tells types of tasks, and how fast.

Run: `python bench/classify.py [FILE.jsonl …]`; files of other people's tasks have `text` and `type`
in each row. Targets: 0.85 of what is held out, 0.80 of each file, 2 ms a task.
"""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from rungbook.compiler.load import builtin, load
from rungbook.interpret.classify import classify
from rungbook.rulebook.examples import Example
from rungbook.rulebook.taxonomy import TaskTaxonomy
from rungbook.testing.accuracy import Measured, measure

HELD_OUT, OUTSIDE, TARGET_MS = 0.85, 0.80, 2.0
BANDS = (0.0, 0.7, 0.8, 0.9, 0.95, 1.01)
"""Bounds of confidence, for the table that compares it with how often it was right."""


def others(path: str) -> list[Example]:
    """The tasks of a file."""
    rows = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines() if line]
    return [Example(row["text"], row["type"], "held-out") for row in rows]


def show(name: str, measured: Measured, examples: Sequence[Example], made: TaskTaxonomy) -> None:
    """The accuracy, the confusion, and how often it was right where it was how sure."""
    print(f"\n{name}: {measured.accuracy:.3f} of {measured.total}")
    for line in measured.report():
        print(f"  {line}")
    seen = [(classify(made, {"task.text": e.text}), e.type) for e in examples]
    for low, high in pairwise(BANDS):
        right = [c.type == kind for c, kind in seen if low <= c.confidence < high]
        if right:
            share = sum(right) / len(right)
            print(f"  confidence {low:.2f} to {min(high, 1):.2f}: {share:.2f} of {len(right)}")


def main(*files: str) -> int:
    """Print the tables; 1 when a target is missed."""
    began = time.perf_counter()
    rulebook = load([builtin()]).rulebook
    assert rulebook
    loaded = time.perf_counter()
    made = rulebook.taxonomies["coding-tasks"]
    assert made.likeness
    learned = time.perf_counter()
    held = [e for e in made.examples if e.split == "held-out"]
    for example in held:
        classify(made, {"task.text": example.text})
    ms = (time.perf_counter() - learned) / len(held) * 1e3
    print(f"load {(loaded - began) * 1e3:.0f} ms, learn {(learned - loaded) * 1e3:.0f} ms")
    print(f"classify {ms:.2f} ms a task, target {TARGET_MS:g}")
    fine = ms <= TARGET_MS
    sets = [("held out", held, HELD_OUT), *((f, others(f), OUTSIDE) for f in files)]
    for name, examples, target in sets:
        measured = measure(made, examples)
        show(name, measured, examples, made)
        fine = fine and measured.accuracy >= target
        bare = measure(replace(made, examples=()), examples)
        print(f"  without examples, by the Score alone: {bare.accuracy:.3f}")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
