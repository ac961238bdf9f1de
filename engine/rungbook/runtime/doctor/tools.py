"""The programs that a run calls: git, those that the rulebook names, the project's test command."""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from rungbook.box import Box, which
from rungbook.checks.command import python
from rungbook.checks.suites import Suite
from rungbook.errors import UserError
from rungbook.git import Git
from rungbook.rulebook.environment import DEFAULT, Environment
from rungbook.rulebook.snapshot import Rulebook
from rungbook.rulebook.validator import Command, Tests
from rungbook.runtime.doctor.signs import Sign, fail, ok, skip, some, warn
from rungbook.runtime.request import Request, suite_of
from rungbook.toolchains import venv
from rungbook.workspace.environment import prepare

GIT_LEAST = (2, 29)
"""The first git whose `init` takes --object-format (its release notes, October 2020)."""

PYTHON = "{python}"
"""Stands for the project's interpreter in the arguments of checks."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program by its name: where it is, None if nowhere, and who calls it.

    `optional`: those who do are content without it. `version` is None where no package says it.
    """

    name: str
    path: Path | None
    users: tuple[str, ...]
    optional: bool = False
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Tools:
    """What is there; `git` is its version, or why there is none."""

    git: str | UserError
    programs: tuple[Program, ...] = ()
    suite: Suite | None = None
    lacks: str = ""
    """What is not installed of all that the test command needs, as far as that can be seen."""

    @property
    def missing(self) -> set[str]:
        """The names of programs that are nowhere."""
        return {program.name for program in self.programs if program.path is None}


def gather(repo: Path, rulebook: Rulebook | None) -> Tools:
    """Look for each program where a sandbox of the project would; none but git is started."""
    suite = suite_of(Request("", repo))
    found = tuple(_programs(repo, rulebook)) if rulebook else ()
    return Tools(_git(), found, suite, _lacks(suite, _box(repo, DEFAULT)) if suite else "")


def _git() -> str | UserError:
    try:
        return Git(Path("/")).line("version").removeprefix("git version ")
    except UserError as e:
        return e


def _programs(repo: Path, rulebook: Rulebook) -> Iterator[Program]:
    calls = sorted(_calls(rulebook), key=lambda call: call.program)
    boxes = {environment: _box(repo, environment) for environment in {c.environment for c in calls}}
    for (name, environment), group in groupby(calls, lambda c: (c.program, c.environment)):
        by = list(group)
        path = _where(name, boxes[environment])
        users = tuple(call.user for call in by)
        optional = all(call.optional for call in by)
        yield Program(name, path, users, optional, _version(path) if path else None)


class _Call(NamedTuple):
    """A spec that calls a program."""

    program: str
    environment: Environment
    user: str
    optional: bool = False


def _calls(rulebook: Rulebook) -> Iterator[_Call]:
    for model in rulebook.models.values():
        if model.command:
            yield _Call(model.command[0], model.environment, model.name)
    for validator in rulebook.validators.values():
        check, optional = validator.check, validator.if_missing == "skip"
        if isinstance(check, Command | Tests) and check.run:
            yield _Call(check.run[0], validator.environment, validator.name, optional)


def _box(repo: Path, environment: Environment) -> Box:
    """The project as a sandbox has it, for looking only: its environment's programs come first."""
    with tempfile.TemporaryDirectory() as empty:
        ready = prepare(repo, Path(empty), environment.paths, "bubblewrap")
    return Box(tree=repo, at=repo, variables=ready.variables)


def _where(name: str, box: Box) -> Path | None:
    return which(python(box) if name == PYTHON else name, box)


def _version(path: Path) -> str | None:
    """What the Python package of a program's name says of itself, beside the program."""
    name = path.name.replace("-", "_")
    for root in dict.fromkeys((path.parent.parent, path.resolve().parent.parent)):
        for info in root.glob(f"lib/python3*/site-packages/{name}-*.dist-info"):
            return info.name.removeprefix(f"{name}-").removesuffix(".dist-info")
    return None


def _lacks(suite: Suite, box: Box) -> str:
    """The program a test command begins with, or the module it names, where that is not there.

    A module is looked for in virtual environments only: they say where all their modules are.
    """
    program = _where(suite.argv[0], box)
    if program is None:
        return suite.argv[0]
    if suite.argv[0] != PYTHON or suite.argv[1:2] != ("-m",):
        return ""
    module, root = suite.argv[2], program.parent.parent
    if module in sys.stdlib_module_names or not _is_closed(root):
        return ""
    return "" if any(root.glob(f"lib/python3*/site-packages/{module}")) else module


def _is_closed(root: Path) -> bool:
    """Whether a folder is a virtual environment that sees no modules of the system's."""
    said = dict(venv(root))
    return bool(said) and said.get("include-system-site-packages", "").lower() != "true"


def judge(tools: Tools) -> Iterator[Sign]:
    """What is said of them."""
    yield _git_sign(tools.git)
    for program in tools.programs:
        yield _program(program)
    yield _suite(tools)


def _git_sign(git: str | UserError) -> Sign:
    if isinstance(git, UserError):
        return fail("git", str(git), git.next_step)
    numbers = tuple(int(part) for part in git.split(".")[:2] if part.isdigit())
    if numbers < GIT_LEAST:
        least = ".".join(map(str, GIT_LEAST))
        return fail("git", f"{git} is older than {least}", f"install git {least} or later")
    return ok("git", git)


def _program(program: Program) -> Sign:
    name, by = program.name.strip("{}"), f"for {some(program.users)}"
    if program.path:
        return ok(name, " ".join(filter(None, (program.version, str(program.path), by))))
    if program.optional:
        return skip(name, f"is not installed; {some(program.users)} does without")
    return warn(name, f"is not installed, {by}", f"install {name} where the project finds it")


def _suite(tools: Tools) -> Sign:
    what, suite = "test command", tools.suite
    if suite is None:
        return warn(what, "none was found in the project", "rungbook run TASK --test 'COMMAND'")
    said = f"{' '.join(suite.argv).replace(PYTHON, 'python')} ({suite.because})"
    if tools.lacks:
        step = f"install {tools.lacks} where the project finds it"
        return warn(what, f"{said}: {tools.lacks} is not installed", step)
    return ok(what, said)
