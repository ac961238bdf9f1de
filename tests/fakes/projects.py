"""Small projects for tests, written from a mapping of paths to texts."""

import sys
from collections.abc import Mapping
from pathlib import Path

from rungbook.process import Box


def written(root: Path, files: Mapping[str, str]) -> Path:
    """The folder, with those files in it."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def box(tree: Path, at: Path | None = None, **variables: str) -> Box:
    """A box without isolation whose Python is the one that runs the tests, plug-ins left out."""
    ours = {"VIRTUAL_ENV": sys.prefix, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return Box(tree=tree, at=at or tree, variables=ours | variables, isolation="none")
