"""The changed files are looked into, for a regex or by a schema, by a child within limits."""

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import anyio

import rungbook
from rungbook.checks import left
from rungbook.checks.scan import BROKE, NOTHING
from rungbook.globs import matches_any
from rungbook.process import Box, Limits, run
from rungbook.rulebook.observation import Observation, Observed
from rungbook.rulebook.validator import FEEDBACK_CHARS, Regex, Schema

MEMORY_BYTES = 1 << 30
"""What the child may take: a file within its own limits needs less."""

_BOOT = "import sys; sys.path.append(sys.argv.pop(1)); from rungbook.checks import scan; "
_BOOT += "sys.exit(scan.main(sys.argv[1]))"
_PACKAGES = str(Path(rungbook.__file__).parent.parent)


async def observe(
    check: Regex | Schema, box: Box, limits: Limits, files: Sequence[str]
) -> Observed:
    """Look into those of the files that the check is about and that are in the tree.

    Only our own program reads them, so it runs outside the box, within its limits.
    """
    named = [f for f in files if matches_any(f, check.files)] if check.files else files
    present = [f for f in named if left.is_file(box.tree / f)]
    if not present:
        return Observed(Observation(applies=False))
    with tempfile.TemporaryDirectory(prefix="rungbook-") as folder:
        asked = anyio.Path(folder) / "asked.json"
        await asked.write_text(json.dumps({"check": asdict(check), "files": present}))
        program = (sys.executable, "-I", "-c", _BOOT, _PACKAGES, str(asked))
        ours = Box(tree=box.tree, at=box.tree, isolation="none")
        exit = await run(program, ours, replace(limits, memory_bytes=MEMORY_BYTES))
    if exit.status == NOTHING:
        return Observed(Observation(applies=False))
    said = exit.output.strip()[:FEEDBACK_CHARS]
    if exit.status == BROKE:
        return Observed(Observation(broke="the files could not be looked into"), said)
    return Observed(Observation(exit.status, exit.because), said)
