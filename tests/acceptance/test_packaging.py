"""What is built and installed: wheel, source distribution, editable, and how much comes along."""

import os
import shutil
import subprocess
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from fakes.environments import SITE
from fakes.projects import written
from rungbook import paths

ROOT = Path(__file__).parents[2]
UV = shutil.which("uv")
MOST_MIB = 250

needs_uv = pytest.mark.skipif(UV is None, reason="there is no uv")


def call(*words: str | Path, **variables: str) -> str:
    """What a program prints; it must end well."""
    done = subprocess.run(
        [str(word) for word in words],
        env=os.environ | variables,
        cwd=os.environ["HOME"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done
    return done.stdout


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this repository, with leftovers that must not be shipped."""
    copy = tmp_path_factory.mktemp("sources") / "rungbook"
    leave = shutil.ignore_patterns(".*", "__pycache__", "*.pyc")
    shutil.copytree(ROOT, copy, ignore=leave)
    for folder in ("engine/rungbook", "datasets/broken/tickets/tickets", "specs/model"):
        written(copy / folder / "__pycache__", {"left.cpython-311.pyc": "x"})
    return copy


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A new environment's interpreter; dependencies are those of this one."""
    folder = tmp_path / "fresh"
    venv.create(folder, symlinks=True, with_pip=False)
    ours = metadata.distribution("duckdb").locate_file("")
    written(folder / SITE, {"dependencies.pth": f"{ours}\n"})
    return folder / "bin" / "python"


def build(sources: Path, out: Path, *options: str) -> Path:
    """Build into a folder."""
    assert UV
    call(UV, "build", "--out-dir", out, *options, sources)
    return out


def install(python: Path, *what: str | Path) -> Path:
    """Install without dependencies; the program that is there then."""
    assert UV
    call(UV, "pip", "install", "--quiet", "--python", python, "--no-deps", *what)
    return python.parent / "rungbook"


def content(wheel: Path) -> dict[str, bytes]:
    """The files of a wheel, but for the list of their hashes."""
    with zipfile.ZipFile(wheel) as archive:
        names = [n for n in archive.namelist() if not n.endswith("/RECORD")]
        return {name: archive.read(name) for name in names}


def shipped() -> Iterator[str]:
    """The data files of this repository."""
    for name in ("specs", "schemas", "templates", "datasets"):
        for path in (ROOT / name).rglob("*"):
            if path.is_file() and not {"__pycache__", ".mypy_cache"} & set(path.parts):
                yield path.relative_to(ROOT).as_posix()


@needs_uv
@pytest.mark.slow
def test_wheel_and_source_distribution(sources: Path, python: Path, tmp_path: Path) -> None:
    [direct] = build(sources, tmp_path / "direct", "--wheel").glob("*.whl")
    both = build(sources, tmp_path / "both")
    [through] = both.glob("*.whl")
    assert len(list(both.glob("*.tar.gz"))) == 1
    files = content(direct)
    assert content(through) == files
    assert not [name for name in files if "__pycache__" in name or name.endswith(".pyc")]
    data = {n.removeprefix("rungbook/_data/") for n in files if n.startswith("rungbook/_data/")}
    assert data == set(shipped())
    assert "rungbook/py.typed" in files
    program = install(python, direct)
    search = {"PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"}
    where = call(python, "-c", "import rungbook; print(rungbook.__file__)")
    assert Path(where.strip()).is_relative_to(python.parents[1])
    assert " specs read, 0 errors" in call(program, "check")
    assert " 0 failed" in call(program, "test")
    assert "repaired and proved by the linter rung" in call(program, "demo", **search)


@needs_uv
@pytest.mark.slow
def test_an_editable_install_sees_live_specs(sources: Path, python: Path) -> None:
    program = install(python, "--editable", sources)
    before = call(program, "check")
    spec = "apiVersion: rungbook/v1\nkind: Model\nspecs:\n"
    spec += "  live: {worker: {command: [ruff]}, class: tool}\n"
    written(sources / "specs", {"model/live.yaml": spec})
    now = call(program, "check")
    (sources / "specs" / "model" / "live.yaml").unlink()
    assert int(now.split()[0]) == int(before.split()[0]) + 1


def test_this_checkout_reads_its_own_data() -> None:
    assert paths.data("specs") == ROOT / "specs"


def closure(name: str) -> set[str]:
    """A distribution and all that it needs here, without extras that nobody asked for."""
    found: set[str] = set()
    todo = [(name, frozenset[str]())]
    while todo:
        name, extras = todo.pop()
        if name in found and not extras:
            continue
        found.add(name)
        for line in metadata.requires(name) or ():
            need = Requirement(line)
            marker = need.marker
            if marker is None or any(marker.evaluate({"extra": e}) for e in extras | {""}):
                todo.append((need.name, frozenset(need.extras)))
    return found


def size(name: str) -> int:
    """Bytes of a distribution's files."""
    located = (Path(str(file.locate())) for file in metadata.files(name) or ())
    return sum(path.stat().st_size for path in located if path.is_file() and path.suffix != ".pyc")


def test_the_default_install_is_small() -> None:
    sizes = {name: size(name) / 2**20 for name in closure("rungbook")}
    largest = sorted(sizes.items(), key=lambda pair: -pair[1])[:8]
    print(f"default install: {sum(sizes.values()):.0f} MiB in {len(sizes)} distributions; largest:")
    print(", ".join(f"{name} {mib:.0f}" for name, mib in largest))
    assert sum(sizes.values()) < MOST_MIB
