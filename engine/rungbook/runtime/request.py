"""A task as a surface passes it on, and what is understood of it before anything runs."""

import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from rungbook import paths
from rungbook.checks.suites import Suite, guess, recognise
from rungbook.errors import NotFound, UsageError
from rungbook.interpret.classify import Classified, classify
from rungbook.rulebook.snapshot import Rulebook
from rungbook.runtime.describe import Described, describe, given


@dataclass(frozen=True, slots=True)
class Request:
    """A task as a surface passes it on.

    `test` is the project's test command, None: find it; `state` where outcomes are kept, None: the
    project's own. `apply`: write the change if the run passes, to a new `branch` if one is named.
    """

    text: str
    repo: Path
    specs: Path | None = None
    matrix: str = "coding"
    type: str | None = None
    files: tuple[str, ...] = ()
    test: str | None = None
    apply: bool = False
    branch: str = ""
    surface: str = "cli"
    state: Path | None = None

    @property
    def kept(self) -> Path:
        """The state folder."""
        return self.state or paths.state(self.repo)


def understand(request: Request, rulebook: Rulebook) -> tuple[Described, Classified]:
    """The task's facts and what the matrix's taxonomy makes of them.

    Raises NotFound for a matrix that the rulebook or a file that the repository does not have,
    UsageError for a type.
    """
    if request.matrix not in rulebook.matrices:
        known = ", ".join(sorted(rulebook.matrices)) or "none"
        raise NotFound(f"there is no EscalationMatrix {request.matrix!r}", f"there is: {known}")
    matrix = rulebook.matrices[request.matrix]
    described = describe(request.text, request.repo, given(request.files, request.repo))
    seen = classify(rulebook.taxonomies[matrix.taxonomy], described.facts)
    if request.type is not None:
        if request.type not in matrix.ladders:
            known = ", ".join(matrix.ladders)
            raise UsageError(f"there is no task type {request.type!r}", f"there is: {known}")
        seen = replace(seen, type=request.type, confidence=1.0)
    return described, seen


def suite_of(request: Request) -> Suite | None:
    """The test command that was given, else the one the repository shows; raises UsageError."""
    if request.test is None:
        return guess(request.repo)
    try:
        argv = shlex.split(request.test)
    except ValueError as e:
        raise UsageError(f"--test {request.test!r}: {e}", "quote it as a shell would") from None
    if not argv:
        raise UsageError("--test is empty", "--test 'pytest -q', say")
    return recognise(argv)


def own_scripts(repo: Path, suite: Suite) -> tuple[str, ...]:
    """Globs of the repository's files that its test command runs: the proof hangs on them."""
    words = (*suite.argv, suite.runner.script)
    found = (path for word in words for path in _files(repo.resolve(), word))
    return tuple(f"/{_quoted(path)}" for path in dict.fromkeys(found))


def _files(repo: Path, word: str) -> Iterator[str]:
    """The file of the repository that a word names, and the one that is behind a link."""
    named = repo / os.path.normpath(word)
    try:
        for path in (named, named.resolve()):
            if path.is_relative_to(repo) and path.is_file():
                yield path.relative_to(repo).as_posix()
    except (OSError, ValueError):  # too long for a path, say
        return


def _quoted(path: str) -> str:
    """A glob of that path alone."""
    return "".join(f"\\{c}" if c in r"\*?[]{}," else c for c in path)
