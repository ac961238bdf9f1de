"""`rungbook --help` beside a bare `python -c pass`, in turns.

`uv run python bench/startup.py [TURNS]` prints the ratio of the medians.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

TARGET = 5.0
COMMANDS = {
    "python -c pass": ("-c", "pass"),
    "rungbook --help": ("-c", "from rungbook.cli import main; main()", "--help"),
}


def seconds(words: Sequence[str], variables: dict[str, str]) -> float:
    """One process of this interpreter, from its start to its end."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *words], env=variables, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def main(turns: int = 25) -> int:
    """Measure, print, and say by the exit status whether the target is met."""
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    with tempfile.TemporaryDirectory() as bytecode:
        variables = kept | {"PYTHONPYCACHEPREFIX": bytecode}
        for turn in range(turns + 1):
            for name, words in COMMANDS.items():
                took = seconds(words, variables)
                if turn:  # the first one compiles, as an installation does
                    taken[name].append(took)
    bare, helped = (statistics.median(times) for times in taken.values())
    for name, times in taken.items():
        print(f"{name:<16} {statistics.median(times) * 1000:6.1f} ms, {turns} turns")
    print(f"ratio {helped / bare:.2f}, target {TARGET:g}")
    return 0 if helped <= TARGET * bare else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
