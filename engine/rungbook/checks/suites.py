"""Test suites: how a repository's own is recognised, how it is run, and how its report is read.

Another suite is one more row of the table.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rungbook.checks import jest, node, package, pytest_, unittest_, vitest
from rungbook.checks.layout import Layout
from rungbook.rulebook.observation import Report

Read = Callable[[Path, str], Report | None]
"""Reads the report file, or the output, of a run that has ended."""

Asked = Callable[[Sequence[str]], tuple[str, ...]]
"""A command with what makes it report added, once however often that is done."""

Found = Callable[[Layout], tuple[tuple[str, ...], str] | None]
"""Says a repository's command and how it was recognised."""


@dataclass(frozen=True, slots=True)
class Runner:
    """A program that runs tests: how it is found in a repository and named in a command.

    `asked` adds the arguments that make it report; where `reads` is None its exit status is all
    that counts; `absent` says, from the output, what it lacks to run at all. `script` is the file
    of the repository that says what the command does: whoever edits it edits the proof.
    """

    name: str
    found: Found
    named: Callable[[Sequence[str]], bool] = lambda _argv: False
    asked: Asked = tuple
    reads: Read | None = None
    absent: Callable[[str], str] = lambda _output: ""
    script: str = ""

    def suite(self, argv: Sequence[str], because: str) -> "Suite":
        """A suite of this runner, asked for its report."""
        return Suite(self, self.asked(argv), because)


@dataclass(frozen=True, slots=True)
class Suite:
    """A test command, its runner, and how that was recognised: a clause for the user."""

    runner: Runner
    argv: tuple[str, ...]
    because: str


def guess(repo: Path) -> Suite | None:
    """The repository's own test command, by the first runner that is found; None if none is."""
    layout = Layout(repo)
    for runner in RUNNERS:
        if found := runner.found(layout):
            return runner.suite(*found)
    return None


def recognise(argv: Sequence[str], because: str = "it was given") -> Suite:
    """The suite that a command runs; one that is not known is judged by its exit status."""
    return next((r for r in RUNNERS if r.named(argv)), OTHER).suite(argv, because)


def _with(*asks: str) -> Asked:
    """Adds arguments that are not there yet, before any `--`."""

    def asked(argv: Sequence[str]) -> tuple[str, ...]:
        at = argv.index("--") if "--" in argv else len(argv)
        return (*argv[:at], *(ask for ask in asks if ask not in argv), *argv[at:])

    return asked


def _npm(repo: Layout) -> tuple[tuple[str, ...], str] | None:
    return (("npm", "test"), "package.json has a test script") if package.script(repo) else None


def _by_file(name: str, *argv: str, shows: str = "") -> Found:
    """Recognised by a file, or by a line in it."""
    why = f"{name} has a test target" if shows else f"there is {name}"
    return lambda repo: (argv, why) if repo.shows(name, shows) else None


def _first_word(name: str) -> Callable[[Sequence[str]], bool]:
    return lambda argv: Path(argv[0]).name == name


RUNNERS = (
    Runner(
        "pytest",
        pytest_.found,
        pytest_.named,
        _with(*pytest_.ASKS),
        pytest_.read,
        pytest_.absent,
    ),
    Runner("unittest", unittest_.found, unittest_.named, reads=unittest_.read),
    Runner("vitest", vitest.found, vitest.named, _with(*vitest.ASKS), jest.read, vitest.absent),
    Runner("jest", jest.found, jest.named, _with(*jest.ASKS), jest.read, script=package.FILE),
    Runner("node", node.found, node.named, node.asked, node.read, node.absent),
    Runner("npm", _npm, _first_word("npm"), script=package.FILE),
    Runner("cargo", _by_file("Cargo.toml", "cargo", "test")),
    Runner("go", _by_file("go.mod", "go", "test", "./...")),
    Runner(
        "make",
        _by_file("Makefile", "make", "test", shows=r"^test[ \t]*:(?!=)"),
        _first_word("make"),
        script="Makefile",
    ),
)
"""In the order in which they are tried."""

OTHER = Runner("command", lambda _repo: None)
"""Any other program."""
