"""A machine of a test's own: its folders, and rungbook's command line called on it."""

import json
import os
import re
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDERS = {
    "HOME": "home",
    "XDG_CONFIG_HOME": "home/.config",
    "XDG_CACHE_HOME": "home/.cache",
    "XDG_DATA_HOME": "home/.local/share",
    "XDG_STATE_HOME": "home/.local/state",
    "XDG_RUNTIME_DIR": "run",
    "TMPDIR": "tmp",
}
"""Variables that name folders of a user, and where the test's own are."""

RUNGBOOK = (sys.executable, "-m", "rungbook")
"""The command line's first words."""

_TOLD = re.compile(r"rungbook: error\[E\d{3}\]: \S[^\n]*\n(  = \S[^\n]*\n)?")


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """The JSON lines of `rungbook run --json`."""
        return [json.loads(line) for line in self.out.splitlines()]

    def checks(self, verdict: str) -> list[dict[str, Any]]:
        """The checks that ended so."""
        return [e for e in self.events if e["event"] == "checked" and e["verdict"] == verdict]

    @property
    def is_plain_error(self) -> bool:
        """Whether all that was said is one error with a code, and what to do next."""
        return self.status >= 64 and not self.out and bool(_TOLD.fullmatch(self.err))


def own_folders(machine: Path) -> Path:
    """The folder, with an empty folder in it for each of FOLDERS."""
    for folder in FOLDERS.values():
        (machine / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    return machine


@contextmanager
def alone() -> Iterator[Path]:
    """An empty folder, in which HOME and the XDG folders are too; for what is not pytest."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="machine-") as name:
        folder = Path(name).resolve()
        machine = own_folders(folder / "machine")
        os.environ.update({key: str(machine / path) for key, path in FOLDERS.items()})
        try:
            yield folder
        finally:
            os.environ.clear()
            os.environ.update(before)


def rungbook(
    *args: str | Path,
    under: Sequence[str] = (),
    cwd: Path | None = None,
    seconds: float = 60,
    **variables: str,
) -> Said:
    """The command line in a process of its own, without a terminal; `under` starts it."""
    argv = [*under, *RUNGBOOK, *map(str, args)]
    done = subprocess.run(
        argv,
        cwd=cwd or os.environ["HOME"],
        env=os.environ | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=seconds,
        start_new_session=True,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def fingerprint(folder: Path) -> dict[str, tuple[str, bytes]]:
    """Everything below a folder, folders included: its type and mode, and what is in it."""
    found = {}
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        content = os.fsencode(path.readlink()) if stat.S_ISLNK(mode) else b""
        content = path.read_bytes() if stat.S_ISREG(mode) else content
        found[path.relative_to(folder).as_posix()] = (stat.filemode(mode), content)
    return found


def with_files(
    before: Mapping[str, tuple[str, bytes]], prefix: str, files: Mapping[str, bytes | None]
) -> dict[str, tuple[str, bytes]]:
    """A fingerprint as it would be with other contents of some files, None for deleted ones."""
    after = dict(before)
    for name, content in files.items():
        path = prefix + name
        if content is None:
            del after[path]
        else:
            after[path] = (before.get(path, ("-rw-r--r--", b""))[0], content)
    return after
