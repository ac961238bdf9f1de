"""The jinja2 files that specs name: found, read, and checked to speak only of known names."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rungbook import paths
from rungbook.compiler.source import MAX_BYTES
from rungbook.findings import shown
from rungbook.rulebook.matchers import near
from rungbook.rulebook.problem import Problem

SUFFIX = ".j2"


@dataclass(frozen=True, slots=True)
class Templates:
    """Template folders, highest first: `templates/` beside each `specs/` folder, then ours."""

    folders: tuple[Path, ...]
    cache: dict[tuple[str, frozenset[str]], tuple[str, list[Problem]]] = field(default_factory=dict)

    @classmethod
    def of(cls, roots: Iterable[Path]) -> "Templates":
        """Those of the folders that specs are read from."""
        beside = [r.absolute().parent / "templates" for r in roots if r.name == "specs"]
        return cls((*(f for f in beside if f.is_dir()), paths.data("templates")))

    def read(self, name: str, known: frozenset[str]) -> tuple[str, list[Problem]]:
        """(text, problems without a place) of a template that may speak of the known names."""
        if (name, known) not in self.cache:
            self.cache[name, known] = self._read(name, known)
        return self.cache[name, known]

    def _read(self, name: str, known: frozenset[str]) -> tuple[str, list[Problem]]:
        for folder in self.folders:
            try:
                file = (folder / name).resolve()
                if not file.is_file():
                    continue
                if not file.is_relative_to(folder.resolve()):
                    return "", [Problem("R208", (), f"{shown(name)} is not in templates/")]
                with file.open("rb") as f:
                    raw = f.read(MAX_BYTES + 1)
            except (OSError, ValueError) as e:
                return "", [Problem("R208", (), f"{shown(name)} cannot be read: {_why(e)}")]
            if len(raw) > MAX_BYTES:
                return "", [
                    Problem("R208", (), f"templates/{name} has more than {MAX_BYTES:,} bytes")
                ]
            text = raw.decode("utf-8", "replace")
            return text, list(_wrong(name, text, known))
        return "", [self._missing(name)]

    def _missing(self, name: str) -> Problem:
        """What could be meant by the name of a template that is not there."""
        kind, _, own = name.removesuffix(SUFFIX).partition("/")
        files = {
            f.relative_to(d / kind) for d in self.folders for f in (d / kind).rglob(f"*{SUFFIX}")
        }
        there = sorted(f.with_suffix("").as_posix() for f in files)
        hint = near(own, there) or f"there is: {', '.join(there[:8])}"
        return Problem("R208", (), f"there is no template {shown(name)}", hint)


def _why(e: OSError | ValueError) -> str:
    return (e.strerror if isinstance(e, OSError) else None) or str(e)


def _wrong(name: str, text: str, known: frozenset[str]) -> Iterator[Problem]:
    """Syntax, names that nobody will fill in, and other files that would stand outside the hash."""
    from jinja2 import TemplateSyntaxError, meta, nodes
    from jinja2.sandbox import SandboxedEnvironment

    try:
        tree = SandboxedEnvironment().parse(text)
        unknown = sorted(meta.find_undeclared_variables(tree) - known)
        others = (nodes.Extends, nodes.FromImport, nodes.Import, nodes.Include)
        line = next((node.lineno for node in tree.find_all(others)), None)
    except TemplateSyntaxError as e:
        yield Problem("R209", (), f"templates/{name}:{e.lineno}: {e.message}")
        return
    except RecursionError:
        yield Problem("R209", (), f"templates/{name} is nested too deeply")
        return
    for word in unknown:
        hint = near(word, known) or "known here: " + ", ".join(sorted(known))
        yield Problem("R202", (), f"templates/{name} speaks of `{word}`", hint)
    if line is not None:
        hint = "write it out: what it does is part of its identity"
        yield Problem("R209", (), f"templates/{name}:{line}: a template loads no other", hint)
