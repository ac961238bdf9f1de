"""The jinja2 files that specs name: found, read, and checked to speak only of known names."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rungbook import paths, prompts
from rungbook.compiler.source import MAX_BYTES
from rungbook.findings import shown
from rungbook.rulebook.matchers import near
from rungbook.rulebook.problem import Problem

SUFFIX = ".j2"

Text = tuple[str, tuple[Problem, ...]]
"""What a template says, and what is wrong with it, without a place."""


@dataclass(frozen=True, slots=True)
class Templates:
    """Template folders, highest first: `templates/` beside each `specs/` folder, then ours."""

    folders: tuple[Path, ...]

    @classmethod
    def of(cls, roots: Iterable[Path]) -> "Templates":
        """Those of the folders that specs are read from."""
        own = [f for root in roots for f in beside(root, "templates") if f.is_dir()]
        return cls((*own, paths.data("templates")))

    def prompt(self, name: str, known: frozenset[str]) -> Text:
        """The prompt of that name, which may speak of the known names."""
        return self.read(f"prompts/{name}{SUFFIX}", known)

    def read(self, name: str, known: frozenset[str]) -> Text:
        """A template that may speak of the known names."""
        for folder in self.folders:
            try:
                file = (folder / name).resolve()
                if not file.is_file():
                    continue
                if not file.is_relative_to(folder.resolve()):
                    return "", (Problem("R208", (), f"{shown(name)} is not in templates/"),)
                with file.open("rb") as f:
                    raw = f.read(MAX_BYTES + 1)
            except (OSError, ValueError) as e:
                return "", (Problem("R208", (), f"{shown(name)} cannot be read: {_why(e)}"),)
            if len(raw) > MAX_BYTES:
                message = f"templates/{name} has more than {MAX_BYTES:,} bytes"
                return "", (Problem("R208", (), message),)
            text = raw.decode("utf-8", "replace")
            return text, _all_wrong(name, text, known)
        return "", (self._missing(name),)

    def _missing(self, name: str) -> Problem:
        """What could be meant by the name of a template that is not there."""
        kind, _, own = name.removesuffix(SUFFIX).partition("/")
        files = {f for folder in self.folders for f in _files(folder / kind)}
        there = sorted(f.with_suffix("").as_posix() for f in files)
        hint = near(own, there) or f"there is: {', '.join(there[:8])}"
        return Problem("R208", (), f"there is no template {shown(name)}", hint)


def beside(root: Path, name: str) -> list[Path]:
    """The folder of that name that goes with a folder of specs, whether it is there or not."""
    return [root.absolute().parent / name] if root.name == "specs" else []


def _files(folder: Path) -> list[Path]:
    """The templates below a folder; none where it cannot be read, or is being removed."""
    try:
        return [f.relative_to(folder) for f in folder.rglob(f"*{SUFFIX}")]
    except OSError:
        return []


def _why(e: OSError | ValueError) -> str:
    return (e.strerror if isinstance(e, OSError) else None) or str(e)


@lru_cache
def _all_wrong(name: str, text: str, known: frozenset[str]) -> tuple[Problem, ...]:
    return tuple(_wrong(name, text, known))


def _wrong(name: str, text: str, known: frozenset[str]) -> Iterator[Problem]:
    """What prompts are not made of, and names that nobody will fill in."""
    try:
        spoken = prompts.names(text)
    except prompts.BadPrompt as e:
        yield Problem("R209", (), f"templates/{name}:{e.line}: {e}", e.hint)
        return
    for word in sorted(spoken - known):
        hint = near(word, known) or "known here: " + ", ".join(sorted(known))
        yield Problem("R202", (), f"templates/{name} speaks of `{word}`", hint)
