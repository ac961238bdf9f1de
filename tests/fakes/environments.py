"""Environments of projects, made on disk as their tools would make them, without a network."""

import shutil
import sys
import venv
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from fakes.projects import written

SITE = f"lib/python3.{sys.version_info.minor}/site-packages"
_PYTEST = ("pytest", "pluggy", "iniconfig", "packaging", "pygments")

_FINDER = """\
import os
import sys
from importlib.machinery import PathFinder
from importlib.util import spec_from_file_location

MAPPING: dict[str, str] = {mapping!r}
NAMESPACES: dict[str, list[str]] = {{}}


class _EditableFinder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if fullname in MAPPING:
            init = os.path.join(MAPPING[fullname], "__init__.py")
            return spec_from_file_location(fullname, init)
        for pkg, pkg_path in MAPPING.items():
            if fullname.startswith(f"{{pkg}}."):
                return PathFinder.find_spec(fullname, [pkg_path])
        return None


def install():
    sys.meta_path.append(_EditableFinder)
"""
"""What setuptools writes for an editable install, shortened."""


def environment(folder: Path, packages: Mapping[str, str], *, with_pytest: bool = False) -> Path:
    """A virtual environment, as `python -m venv` makes it, with some files in its packages."""
    venv.create(folder, symlinks=True, with_pip=False)
    site = written(folder / SITE, packages)
    if with_pytest:
        _install_pytest(site)
        console_script(folder, "pytest", "pytest", "console_main")
    return folder


def console_script(folder: Path, name: str, module: str, function: str) -> None:
    """A program of an installed package, as pip writes it: its first line names the path."""
    script = folder / "bin" / name
    script.write_text(
        f"#!{folder / 'bin' / 'python'}\n"
        f"import sys\nfrom {module} import {function}\n"
        f"if __name__ == '__main__':\n    sys.exit({function}())\n"
    )
    script.chmod(0o755)


def editable_by_path(folder: Path, name: str, source: Path) -> None:
    """An editable install that puts the source folder on the path."""
    written(folder / SITE, {f"__editable__.{name}-0.1.pth": f"{source}\n"} | _dist(name, source))


def editable_by_finder(folder: Path, name: str, package: Path) -> None:
    """An editable install that maps the package to its folder by code."""
    finder = f"__editable___{name}_0_1_finder"
    files = {
        f"{finder}.py": _FINDER.format(mapping={name: str(package)}),
        f"__editable__.{name}-0.1.pth": f"import {finder}; {finder}.install()\n",
    }
    written(folder / SITE, files | _dist(name, package.parent))


def _dist(name: str, source: Path) -> dict[str, str]:
    info = f"{name}-0.1.dist-info"
    return {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1\n",
        f"{info}/direct_url.json": f'{{"dir_info": {{"editable": true}}, "url": "file://{source}"}}',
    }


def _install_pytest(site: Path) -> None:
    """Copy the machine's own pytest, and what it needs, into another environment."""
    for name in _PYTEST:
        for file in metadata.files(name) or ():
            if file.parts[0] != ".." and file.suffix != ".pyc":
                (site / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file.locate(), site / file)
