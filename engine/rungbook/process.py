"""Limited programs: the only place, beside git, that starts anything.

Every program runs under `supervise.py`, which sets its limits and leaves nothing of it behind,
whether it ends, is stopped, or the engine is killed.
"""

import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

from rungbook import bubblewrap, host
from rungbook.box import Box, Isolation, environment, which
from rungbook.errors import UsageError
from rungbook.supervise import NOT_STARTED

__all__ = ["Box", "Exit", "Isolation", "Limits", "isolated", "run", "run_blocking", "which"]

Because = Literal["", "time", "output", "cancelled", "missing", "killed"]

_GRACE = 10.0
"""Seconds a stopped program's supervisor has to sweep up before it is killed itself."""

_LONGEST = 2_000_000.0
"""Seconds a program may run, whatever its limit: Linux takes no longer waits."""

_BOOT = "import sys; sys.path.append(sys.argv.pop(1)); from rungbook.supervise import main; main()"
_PACKAGES = str(Path(__file__).parent.parent)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may take: wall clock and CPU in seconds, the rest in bytes or a count.

    CPU, memory, file size and open files hold for each process of it, output for all together.
    """

    seconds: float
    cpu_seconds: int = 3600
    memory_bytes: int | None = None
    file_bytes: int = 1 << 30
    open_files: int = 4096
    output_bytes: int = 10_000_000


@dataclass(frozen=True, slots=True)
class Exit:
    """How a program ended: signals are status 128 + n; a status of None has its reason.

    `output` is stdout and stderr together, no longer than the limit.
    """

    status: int | None
    output: str
    seconds: float
    because: Because = ""


async def run(argv: Sequence[str], box: Box, limits: Limits) -> Exit:
    """Run a program to its end or a limit; when cancelled, all of it is dead before this returns.

    A program that is not there, or cannot be started, is an Exit `missing`. Raises ToolMissing if
    the box asks for bubblewrap and there is none.
    """
    import anyio
    from anyio.to_thread import run_sync

    child = _Child(argv, box, limits)
    try:
        return await run_sync(child.finish, abandon_on_cancel=True)
    except anyio.get_cancelled_exc_class():
        child.cancel()
        with anyio.CancelScope(shield=True):
            await run_sync(child.finish)
        raise


def run_blocking(argv: Sequence[str], box: Box, limits: Limits) -> Exit:
    """`run` for callers without an event loop; an interrupt kills the program too."""
    return _Child(argv, box, limits).finish()


def isolated() -> Isolation:
    """The best isolation that works here, found by trying; RUNGBOOK_ISOLATION sets it by hand.

    Raises UsageError for a level that there is not.
    """
    known = get_args(Isolation)
    if forced := os.environ.get("RUNGBOOK_ISOLATION"):
        if forced not in known:
            raise UsageError(f"RUNGBOOK_ISOLATION is {forced!r}", f"it is {' or '.join(known)}")
        return cast(Isolation, forced)
    return "bubblewrap" if _bubblewrap_works() else "none"


@cache
def _bubblewrap_works() -> bool:
    if not host.LINUX or shutil.which("bwrap") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder), Path(folder), isolation="bubblewrap")
        return run_blocking(["true"], box, Limits(seconds=10)).status == 0


class _Child:
    """One program from start to end; `cancel` may come from any thread at any time."""

    def __init__(self, argv: Sequence[str], box: Box, limits: Limits) -> None:
        self._argv, self._box, self._limits = argv, box, limits
        self._running = threading.Lock()
        self._guard = threading.Lock()
        self._cancelled = False
        self._exit: Exit | None = None
        self._popen: subprocess.Popen[bytes] | None = None

    def cancel(self) -> None:
        """Stop the program; its end is seen by `finish`."""
        with self._guard:
            self._cancelled = True
            self._cut_lifeline()

    def finish(self) -> Exit:
        """The program's end; runs it if that has not begun."""
        with self._running:
            if self._exit is None:
                began = time.monotonic()
                with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as private:
                    status, output, because = self._run(Path(private), began)
                text = output.decode("utf-8", errors="replace")
                self._exit = Exit(status, text, time.monotonic() - began, because)
            return self._exit

    def _run(self, private: Path, began: float) -> tuple[int | None, bytes, Because]:
        program = which(self._argv[0], self._box)
        if program is None:
            return None, b"", "missing"
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb", buffering=0) as report:
            try:
                self._start(program, private, writing)
            except FileNotFoundError:
                return None, b"", "missing"
            finally:
                os.close(writing)
            if self._popen is None:
                return None, b"", "cancelled"
            with self._popen:
                ending, output, because = self._follow(self._popen, report.fileno(), began)
        return self._judge(ending, output, because)

    def _start(self, program: Path, private: Path, report: int) -> None:
        box, limits = self._box, self._limits
        first = self._argv[0] if "/" in self._argv[0] else str(program)
        argv = [first, *self._argv[1:]]
        if box.isolation == "bubblewrap":
            argv = bubblewrap.wrap(argv, box, program)
        numbers = (limits.cpu_seconds, limits.memory_bytes or 0, limits.file_bytes)
        words = [str(n) for n in (report, *numbers, limits.open_files)]
        with self._guard:
            if self._cancelled:
                return
            self._popen = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _BOOT, _PACKAGES, *words, *argv],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=box.tree,
                env=environment(box, private),
                pass_fds=(report,),
                start_new_session=True,
            )

    def _follow(
        self, child: subprocess.Popen[bytes], report: int, began: float
    ) -> tuple[bytes, bytes, Because]:
        """The supervisor's report, the output, and the limit that was hit."""
        assert child.stdout is not None  # noqa: S101 - it was asked for
        stream = child.stdout.fileno()
        os.set_blocking(stream, False)
        output, because = _Capped(self._limits.output_bytes), _NOTHING
        until, swept = began + min(self._limits.seconds, _LONGEST), False
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            selector.register(report, selectors.EVENT_READ)
            while True:
                ready = selector.select(max(0.0, until - time.monotonic()))
                fds = {key.fd for key, _ in ready}
                if stream in fds and not output.read(stream):
                    selector.unregister(stream)
                if report in fds:
                    break
                if swept and not ready:
                    child.kill()
                    host.kill_session(child.pid)
                    break
                if not swept and (not ready or output.full):
                    because = "output" if output.full else "time"
                    swept, until = True, time.monotonic() + _GRACE
                    with self._guard:
                        self._cut_lifeline()
        while not output.full and output.read(stream):
            pass
        return os.read(report, 512) if report in fds else b"", output.kept(), because

    def _judge(
        self, ending: bytes, output: bytes, because: Because
    ) -> tuple[int | None, bytes, Because]:
        if self._cancelled:
            return None, output, "cancelled"
        if because:
            return None, output, because
        if ending.startswith(NOT_STARTED):
            return None, ending.removeprefix(NOT_STARTED).strip(), "missing"
        if not ending:
            return None, output, "killed"
        status = int(ending.split()[1])
        if status == 128 + signal.SIGXCPU:
            return None, output, "time"
        return status, output, ""

    def _cut_lifeline(self) -> None:
        """Tell the supervisor to kill all; with the guard held."""
        if self._popen is not None and self._popen.stdin is not None:
            with suppress(OSError):
                self._popen.stdin.close()


_NOTHING: Because = ""


class _Capped:
    """Output up to a limit; what comes after it is read and dropped."""

    def __init__(self, most: int) -> None:
        self._parts: list[bytes] = []
        self._size, self._most = 0, most

    @property
    def full(self) -> bool:
        """Whether there was more than the limit."""
        return self._size > self._most

    def read(self, fd: int) -> bool:
        """Take in what is there; False when there is nothing, for now or for good."""
        try:
            part = os.read(fd, 65536)
        except BlockingIOError:
            return False
        if not self.full:
            self._parts.append(part)
        self._size += len(part)
        return bool(part)

    def kept(self) -> bytes:
        """The output within the limit."""
        return b"".join(self._parts)[: self._most]
