"""Runs on broken projects, through the command line; the workers write what a test tells them."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from fakes.broken import Files, Project
from fakes.machine import Said, rungbook
from fakes.projects import written

WRITE = """
import json, pathlib, sys
for path, text in json.loads(sys.argv[1]).items():
    file = pathlib.Path(path)
    if text is None:
        file.unlink()
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
"""

SPECS = {
    "taxonomy.yaml": """
apiVersion: rungbook/v1
kind: TaskTaxonomy
specs:
  tasks:
    complexity: {range: [0, 10], terms: {files: {per: task.files, each: 1, max: 4}}}
    types: [{name: repair}]
""",
    "tests.yaml": """
apiVersion: rungbook/v1
kind: Validator
specs:
  tests: {check: {tests: {run: auto}}, confidence: 0.95, timeout: {seconds: 60}}
""",
    "ladder.yaml": """
apiVersion: rungbook/v1
kind: EscalationMatrix
specs:
  coding:
    taxonomy: tasks
    ladders:
      repair: {rungs: [RUNGS], verify: [tests], exhausted: skip}
""",
}


def solve(tmp_path: Path, tried: Project, fixes: Sequence[Files], level: str, *args: str) -> Said:
    """A run with a rung for each fix; nothing but outcomes may be left on the machine."""
    specs = written(tmp_path / "specs", SPECS)
    commands = [[sys.executable, "-c", WRITE, json.dumps(fix)] for fix in fixes]
    models = {f"m{i}": {"worker": {"command": c}, "class": "tool"} for i, c in enumerate(commands)}
    model = {"apiVersion": "rungbook/v1", "kind": "Model", "specs": models}
    rungs = ", ".join(f"{{name: r{i}, model: m{i}}}" for i in range(len(fixes)))
    ladder = SPECS["ladder.yaml"].replace("RUNGS", rungs)
    written(specs, {"model.yaml": json.dumps(model), "ladder.yaml": ladder})
    given = ("run", "Sums are wrong", "--repo", tried.repo, "--specs", specs, "--json")
    said = rungbook(*given, *args, RUNGBOOK_ISOLATION=level)
    left = [*Path(os.environ["TMPDIR"]).iterdir()]
    left += Path(os.environ["XDG_STATE_HOME"]).glob("rungbook/*/work/*")
    assert not left or said.status == 2, said
    return said
