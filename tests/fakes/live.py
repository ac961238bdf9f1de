"""Rungbook's processes while they run: killed, interrupted, and answered on a terminal."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from fakes.machine import Said

_ON_TERMINAL = (
    "import fcntl, os, sys, termios\n"
    "fcntl.ioctl(int(sys.argv[1]), termios.TIOCSCTTY, 0)\n"
    "os.execv(sys.argv[2], sys.argv[2:])\n"
)


def state(project: Path) -> Path:
    """The state folder of a project of this test's machine."""
    from rungbook import paths

    return paths.state(project)


def left_in(project: Path) -> list[str]:
    """The sandboxes that are left of a project's runs."""
    return sorted(p.name for p in (state(project) / "work").glob("*"))


def holding(marker: str) -> list[int]:
    """The processes in whose arguments or environment a text stands; not this one."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                text = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
            except OSError:
                continue
            if marker.encode() in text:
                found.append(int(folder.name))
    return found


def until(holds: Callable[[], object], seconds: float = 20.0) -> None:
    """Waits until something is so; AssertionError if it takes too long."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.01)


@contextmanager
def started(
    *args: str | Path, stdin: int = subprocess.DEVNULL, **variables: str
) -> Iterator["Live"]:
    """Rungbook's command line, without a terminal; killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "rungbook", *map(str, args)],
        cwd=os.environ["HOME"],
        env=os.environ | variables,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    with process:
        try:
            yield Live(process)
        finally:
            process.kill()


def killed_at(seconds: float, *args: str | Path, marker: str, **variables: str) -> bool:
    """Whether a command could be killed before it had ended; nothing of it lives on.

    `marker` is a text that stands in the environment of all that it starts.
    """
    with started(*args, MARK=marker, **variables) as live:
        with suppress(subprocess.TimeoutExpired):
            live.process.wait(seconds)
        alive = live.process.poll() is None
        live.send(signal.SIGKILL)
        live.ended()
    until(lambda: not holding(marker))
    return alive


@dataclass(slots=True)
class Live:
    """A command that runs."""

    process: subprocess.Popen[str]

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def ended(self, seconds: float = 60.0) -> Said:
        """Its end, and what it said."""
        out, err = self.process.communicate(timeout=seconds)
        return Said(self.process.returncode, out, err)


@dataclass(slots=True)
class Terminal:
    """A person at a terminal, with a command in front of them."""

    master: int
    process: subprocess.Popen[bytes]
    seen: str = ""
    _at: int = field(default=0)

    def reads(self, text: str, seconds: float = 30.0) -> str:
        """Waits until a text stands there after what was read before; all up to it."""
        end = time.monotonic() + seconds
        while (found := self.seen.find(text, self._at)) < 0:
            assert self._more(end - time.monotonic()), f"{text!r} does not come:\n{self.seen}"
        before = self.seen[self._at : found]
        self._at = found + len(text)
        return before

    def types(self, text: str) -> None:
        """Types something."""
        os.write(self.master, text.encode())

    def ended(self, seconds: float = 30.0) -> int:
        """The exit status."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < end, f"it does not end:\n{self.seen}"
            self._more(0.1)
        while self._more(0.05):
            pass
        return self.process.returncode

    def _more(self, seconds: float) -> bool:
        if not select.select([self.master], [], [], max(0.0, seconds))[0]:
            return False
        try:
            part = os.read(self.master, 65536)
        except OSError:  # nobody has the terminal open any more
            return False
        self.seen += part.decode(errors="replace").replace("\r\n", "\n")
        return bool(part)


@contextmanager
def terminal(*args: str | Path, stdin: IO[bytes] | None = None) -> Iterator[Terminal]:
    """Rungbook's command line on a terminal of its own, as its controlling one."""
    master, slave = pty.openpty()
    rungbook = [sys.executable, "-m", "rungbook", *map(str, args)]
    process = subprocess.Popen(
        [sys.executable, "-c", _ON_TERMINAL, str(slave), *rungbook],
        cwd=os.environ["HOME"],
        stdin=slave if stdin is None else stdin,
        stdout=slave,
        stderr=slave,
        pass_fds=(slave,),
        start_new_session=True,
    )
    os.close(slave)
    with process:
        try:
            yield Terminal(master, process)
        finally:
            process.kill()
            os.close(master)
