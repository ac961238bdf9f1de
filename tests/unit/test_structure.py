"""The shape of the code base: small modules, one map a package, rings that hold, clean files."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "engine" / "rungbook"
MODULES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES, MEDIAN_LINES, AIM_LINES = 400, 130, 200

FOREIGN = re.compile(
    r"https?://(?!pypi\.org/project/)[\w.-]*(?:pypi|pythonhosted|npmjs|crates|rubygems)[\w.-]*"
    r"|https?://(?:localhost|127\.0\.0\.1|10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+)[:/]\S*/simple"
    r"|(?<![\w.])/(?:home|Users)/(?!(?:you|user|me|ann)\b)\w+/\S"
    r"|(?<![\w./])/(?:root|work|workspace|mnt)/\w+/\S"
)
"""Hosts of package registries other than the public page of a project, and folders of a machine."""


def lines(path: Path) -> int:
    return path.read_text("utf-8").count("\n")


def test_modules_are_small() -> None:
    sizes = {str(path.relative_to(PACKAGE)): lines(path) for path in MODULES}
    large = {name: n for name, n in sizes.items() if n > AIM_LINES}
    print(f"\nover {AIM_LINES} lines: {large}")
    assert {name: n for name, n in sizes.items() if n > MOST_LINES} == {}
    assert median(n for n in sizes.values() if n > 1) <= MEDIAN_LINES


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_begins_with_what_it_is_for(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    assert said.split("\n")[0].endswith((".", ":", ";", ",")) or len(said.split("\n")) > 1
    assert len(said) > 20


def test_every_folder_of_modules_is_a_package_with_a_map() -> None:
    folders = {path.parent for path in MODULES}
    assert {folder for folder in folders if not (folder / "__init__.py").is_file()} == set()


def test_the_rings_hold() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    if not program.exists():
        pytest.skip("import-linter is not installed")
    done = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout


def tracked() -> list[Path]:
    """What git has, where this is a clone; else every file of ours."""
    if (ROOT / ".git").exists() and (git := shutil.which("git")):
        listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
        return [ROOT / name for name in listed.stdout.split("\0") if name]
    return [p for part in ("engine", "specs", "schemas", "docs") for p in (ROOT / part).rglob("*")]


def test_no_file_names_a_registry_or_a_machine() -> None:
    found = []
    for path in tracked():
        if path == Path(__file__) or not path.is_file():
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {m[0]}" for m in FOREIGN.finditer(text)]
    assert found == []
