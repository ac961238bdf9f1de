"""A task's text → its facts: the files it names in the repository, their size and language."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
        file = root / name
        try:
            if file.resolve().is_relative_to(root) and file.is_file():
                yield file.relative_to(root).as_posix()
        except (OSError, ValueError):
            continue


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
