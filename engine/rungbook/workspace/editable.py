"""Where a Python environment's editable installs point: its `.pth` files, and setuptools' finders.

Everything is parsed, nothing imported.
"""

import ast
from collections.abc import Iterator
from pathlib import Path


def source_folders(environment: Path) -> list[Path]:
    """Folders outside an environment that it puts on the path."""
    folders: list[Path] = []
    for site in _site_packages(environment):
        for file in sorted(site.glob("*.pth")):
            folders += _named(file)
        for file in sorted(site.glob("__editable__*_finder.py")):
            roots = (_root(module, Path(place)) for module, place in _mapping(file).items())
            folders += filter(None, roots)
    outside = [f for f in folders if not f.is_relative_to(environment.resolve())]
    return list(dict.fromkeys(outside))


def _site_packages(environment: Path) -> Iterator[Path]:
    for lib in ("lib", "lib64"):
        yield from sorted((environment / lib).glob("python3*/site-packages"))


def _named(file: Path) -> Iterator[Path]:
    for line in _read(file).splitlines():
        text = line.strip()
        if text and "\0" not in text and not text.startswith(("#", "import ", "import\t")):
            folder = (file.parent / text).resolve()
            if folder.is_dir():
                yield folder


def _mapping(file: Path) -> dict[str, str]:
    """The MAPPING of a finder that setuptools wrote: module names and where they are."""
    try:
        parsed = ast.parse(_read(file))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    for node in parsed.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(t, ast.Name) and t.id == "MAPPING" for t in targets):
                return _strings(node.value)
    return {}


def _strings(node: ast.expr) -> dict[str, str]:
    """A literal dict of strings; empty if it is anything else."""
    try:
        found = ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError):
        return {}
    pairs = found.items() if isinstance(found, dict) else ()
    texts = {k: v for k, v in pairs if isinstance(k, str) and isinstance(v, str)}
    return {k: v for k, v in texts.items() if "\0" not in v}


def _root(module: str, place: Path) -> Path | None:
    """The folder that, on the path, gives the module; None if none does under its name."""
    names = module.split(".")
    here = place.with_suffix("") if place.suffix == ".py" else place
    if tuple(names) != here.parts[-len(names) :]:
        return None
    return here.parents[len(names) - 1].resolve()


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace") if file.is_file() else ""  # a pipe would wait
    except OSError:
        return ""
