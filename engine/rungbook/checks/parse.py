"""Syntax: the changed files parse (tree-sitter), each language by its grammar."""

import sys
import tempfile
from collections.abc import Sequence

import anyio

from rungbook.checks import syntax
from rungbook.process import Box, Limits, run
from rungbook.rulebook.observation import Observation, Observed
from rungbook.rulebook.validator import FEEDBACK_CHARS


async def observe(box: Box, limits: Limits, files: Sequence[str]) -> Observed:
    """Parse the files that are in the tree; absent ones, and unknown languages, are not counted.

    Only our own program reads them, so it runs outside the box, within its limits.
    """
    if not any(syntax.counts(box.tree / file) for file in files):
        return Observed(Observation(applies=False))
    with tempfile.TemporaryDirectory(prefix="rungbook-") as folder:
        listing = anyio.Path(folder) / "files"
        await listing.write_bytes("\0".join(files).encode("utf-8", "surrogateescape"))
        program = (sys.executable, "-I", syntax.__file__, str(listing))
        ours = Box(tree=box.tree, at=box.tree, isolation="none")
        exit = await run(program, ours, limits)
    said = exit.output.strip()[-FEEDBACK_CHARS:]
    return Observed(Observation(exit.status, exit.because), said)
