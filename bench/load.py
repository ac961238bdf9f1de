"""Cold load of 1,000 specs in 1,000 files, against ruamel's C safe load of the same bytes.

Ours parses with positions, checks schemas, builds, links and freezes; the peer only parses.
Each load is the first thing a fresh process does after its imports, ours and the peer's in turn.
Targets: 1.2 times the peer's time, 150 MB. Run: `python bench/load.py [N]`.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from make_specs import make

RATIO, RSS_MB, ROUNDS = 1.2, 150, 9

MEASURE = """
import json, resource, sys, time
from pathlib import Path
{imports}
began = time.perf_counter()
{load}
seconds = time.perf_counter() - began
unit = 1e6 if sys.platform == "darwin" else 1e3  # ru_maxrss: bytes there, kilobytes on Linux
rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
print(json.dumps({{"ms": seconds * 1e3, "rss_mb": rss_mb}}))
"""

OURS = MEASURE.format(
    imports="from rungbook.compiler.load import load",
    load="loaded = load([Path(sys.argv[1])])\n"
    "assert loaded.rulebook is not None and not loaded.findings, loaded.findings[:3]",
)
PEER = MEASURE.format(
    imports="from ruamel.yaml import YAML",
    load="for path in sorted(Path(sys.argv[1]).rglob('*.yaml')):\n"
    "    YAML(typ='safe').load(path.read_bytes())",
)


def measure(program: str, folder: Path) -> dict[str, float]:
    """What one fresh process prints about its load."""
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main(n: int) -> int:
    """Print the table; 1 when a target is missed."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        make(folder, n)
        size = sum(path.stat().st_size for path in folder.rglob("*.yaml"))
        measure(OURS, folder), measure(PEER, folder)  # not counted: writes bytecode, warms files
        rounds = [(measure(OURS, folder), measure(PEER, folder)) for _ in range(ROUNDS)]
    ours, peer = (median(row[i]["ms"] for row in rounds) for i in (0, 1))
    ratio = median(a["ms"] / b["ms"] for a, b in rounds)
    rss = max(a["rss_mb"] for a, _ in rounds)
    print(f"{n} files, {size / 1e6:.2f} MB, median of {ROUNDS} fresh processes each, in turn")
    print(f"load: rungbook {ours:.0f} ms, ruamel C safe {peer:.0f} ms")
    print(f"ratio: {ratio:.2f}, target {RATIO}; RSS: {rss:.0f} MB, target {RSS_MB}")
    return int(ratio > RATIO or rss > RSS_MB)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
