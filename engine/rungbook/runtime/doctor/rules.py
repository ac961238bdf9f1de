"""rungbook itself: its version, the settings, and the specs that would decide."""

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from rungbook.errors import NotFound, UserError
from rungbook.findings import Finding
from rungbook.render.text import count
from rungbook.rulebook.snapshot import Rulebook
from rungbook.runtime import specs
from rungbook.runtime.doctor.signs import Sign, fail, ok, warn
from rungbook.settings import Settings, file


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides here: the settings, None for broken ones, and the specs of a folder.

    `folder` None: the built-in specs; `lacks`: why there are no settings, or no folder.
    """

    settings: Settings | None = None
    folder: Path | None = None
    specs: int = 0
    files: int = 0
    findings: tuple[Finding, ...] = ()
    rulebook: Rulebook | None = None
    lacks: tuple[UserError, ...] = ()

    @property
    def are_whole(self) -> bool:
        """Whether there are settings and a rulebook to go by."""
        return self.settings is not None and self.rulebook is not None


def gather(folder: Path | None) -> Rules:
    """Read the settings, and compile a folder, else the one they name, else the built-in specs."""
    lacks: list[UserError] = []
    chosen: Settings | None = None
    try:
        chosen = Settings()
        folder = folder or chosen.specs
    except UserError as e:
        lacks.append(e)
    try:
        loaded = specs.check([folder] if folder else [], alone=True)
    except NotFound as e:
        return Rules(chosen, folder, lacks=(*lacks, e))
    return Rules(
        settings=chosen,
        folder=folder,
        specs=len(loaded.entries),
        files=loaded.files,
        findings=loaded.findings,
        rulebook=loaded.rulebook,
        lacks=tuple(lacks),
    )


def judge(rules: Rules) -> Iterator[Sign]:
    """What is said of them."""
    python = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    yield ok("rungbook", f"{version('rungbook')}, {python}")
    for error in rules.lacks:
        what = "specs" if isinstance(error, NotFound) else "settings"
        yield fail(what, str(error), error.next_step)
    if rules.settings:
        own = str(file()) if file().exists() else f"defaults; there is no {file()}"
        yield ok("settings", own)
    if rules.rulebook or rules.findings:
        yield _specs(rules)


def _specs(rules: Rules) -> Sign:
    where = str(rules.folder) if rules.folder else "built-in"
    check = f"rungbook check --alone {rules.folder}" if rules.folder else "rungbook check"
    if rules.rulebook is None:
        errors = [f for f in rules.findings if f.severity == "error"]
        place = [f"{f.span.path}:{f.span.line}:{f.span.col}: {f.message}" for f in errors][:1]
        return fail("specs", "; ".join([f"{where}: {count(len(errors), 'error')}", *place]), check)
    size = f"{count(rules.specs, 'spec')} in {count(rules.files, 'file')}"
    known = f"{where}: {size}, rulebook {rules.rulebook.id[:12]}"
    if rules.findings:
        return warn("specs", f"{known}, {count(len(rules.findings), 'warning')}", check)
    return ok("specs", known)
