"""The first sandbox of a run beside `git clone --shared` of the same repository, in turns.

`uv run python bench/sandbox.py [FILES] [TURNS]` prints the ratio of the medians. Ours is all of it:
recording the base, and the first tree a worker gets.
"""

import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rungbook.workspace.trees import Trees

TARGET = 1.5


def repository(folder: Path, files: int) -> Path:
    """A repository of some source files, packed as a clone from a server is."""
    chance = random.Random(1)
    for i in range(files):
        path = folder / f"package{i % 50}" / f"part{i % 7}" / f"module{i}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = chance.randint(5, 150)
        path.write_text("".join(f"x{n} = {chance.random()}\n" for n in range(lines)))
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for args in (("init",), ("add", "-A"), (*author, "commit", "-m", "first"), ("gc",)):
        subprocess.run(["git", *args], cwd=folder, check=True, capture_output=True)
    return folder


def seconds_of_clone(repo: Path, target: Path) -> float:
    """One `git clone --shared`."""
    began = time.perf_counter()
    subprocess.run(["git", "clone", "-q", "--shared", str(repo), str(target)], check=True)
    return time.perf_counter() - began


def seconds_of_sandbox(repo: Path, target: Path) -> float:
    """One base and one attempt."""
    began = time.perf_counter()
    Trees.create(repo, target).attempt(1)
    return time.perf_counter() - began


def main(files: int = 5000, turns: int = 7) -> int:
    """Measure, print, and say by the exit status whether the target is met."""
    with tempfile.TemporaryDirectory() as folder:
        repo = repository(Path(folder, "repo"), files)
        taken: dict[str, list[float]] = {"clone": [], "sandbox": []}
        for turn in range(turns):
            for name, measure in (("clone", seconds_of_clone), ("sandbox", seconds_of_sandbox)):
                target = Path(folder, f"{name}{turn}")
                taken[name].append(measure(repo, target))
                shutil.rmtree(target)
    clone, sandbox = (statistics.median(taken[name]) for name in ("clone", "sandbox"))
    ratio = sandbox / clone
    print(f"first sandbox, {files} files: {sandbox * 1000:.0f} ms")
    print(f"git clone --shared:          {clone * 1000:.0f} ms")
    print(f"ratio {ratio:.2f}, target {TARGET}")
    return 0 if ratio <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
