"""A task's text → its facts: the files it names in the repository, their size and language."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rungbook.errors import NotFound

CHARS_PER_TOKEN = 4
"""Characters a token stands for in English text and code; a usual estimate, marked as one."""

_WORD = re.compile(r"[\w./-]+")
"""What may be a path, found in time linear in the text."""

_LANGUAGES: Mapping[str, str] = {
    ".py": "python", ".pyi": "python", ".js": "javascript", ".jsx": "javascript",
    ".mjs": "javascript", ".cjs": "javascript", ".ts": "typescript", ".tsx": "typescript",
    ".mts": "typescript", ".cts": "typescript", ".go": "go", ".rs": "rust",
    ".java": "java", ".c": "c", ".h": "c", ".cc": "cpp", ".cpp": "cpp", ".hpp": "cpp",
    ".rb": "ruby", ".sh": "bash", ".html": "html", ".css": "css", ".json": "json",
    ".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".md": "markdown", ".sql": "sql",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Described:
    """The task's files (relative paths), and the facts `task.*` that could be told."""

    text: str
    files: tuple[str, ...]
    tokens: int
    language: str | None
    facts: Mapping[str, Any]


def describe(text: str, repo: Path | None = None, files: Iterable[str] = ()) -> Described:
    """Facts of a task; what cannot be known without a repository is absent."""
    found = tuple(sorted({*files, *(_named(text, repo) if repo else ())}))
    size = sum(_size(repo / f) for f in found) if repo else 0
    tokens = (len(text) + size) // CHARS_PER_TOKEN
    languages = [x for f in found if (x := language(f))]
    spoken = max(set(languages), key=lambda x: (languages.count(x), x), default=None)
    facts: dict[str, Any] = {"task.text": text, "task.tokens": tokens}
    if found:
        facts["task.files"] = len(found)
    if spoken:
        facts["task.language"] = spoken
    return Described(text, found, tokens, spoken, facts)


def given(files: Iterable[str], repo: Path) -> Iterator[str]:
    """Files that a person named, seen from the repository or from here, as paths in it.

    Raises NotFound for what is no file of the repository.
    """
    root = repo.resolve()
    for name in files:
        places = (root / name, Path.cwd() / name)
        found = next(filter(None, (_inside(root, place) for place in places)), None)
        if found is None:
            hint = "--files takes files that are there; one to be made is named in the task"
            raise NotFound(f"there is no file {name} in {root}", hint)
        yield found


def language(path: str) -> str | None:
    """The language of a file by its suffix."""
    return _LANGUAGES.get(Path(path).suffix.lower())


def _named(text: str, repo: Path) -> Iterator[str]:
    """Files of the repository that the text names by their path."""
    root = repo.resolve()
    for word in dict.fromkeys(_WORD.findall(text)):
        name = word.lstrip("/").rstrip("./-")
        if not {".", "/"} & set(name):
            continue
        if found := _inside(root, root / name):
            yield found


def _inside(root: Path, file: Path) -> str | None:
    """A file's path in the repository; None for what is none, or leads out of it."""
    try:
        place = file.parent.resolve() / file.name
        if place.is_file() and place.resolve().is_relative_to(root):
            return place.relative_to(root).as_posix()
    except (OSError, ValueError):
        pass
    return None


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
