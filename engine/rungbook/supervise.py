"""The wrapper every program is started through: limits before it, nothing left after it.

It runs alone in a process without threads, as `main()` of a bare interpreter. Its standard input is
its lifeline: when the engine closes it, or is gone, all that was started is killed.
"""

import os
import resource
import select
import signal
import sys
import time
from contextlib import suppress

from rungbook import host

NOT_STARTED = b"missing"
"""Written in place of a status when the program cannot be started."""

_CPU_GRACE = 5
"""Seconds between the signal that tells of the CPU limit and the one that kills."""


def main() -> None:
    """Run `ARGV` by the limits: STATUS_FD CPU_SECONDS MEMORY FILE_BYTES OPEN_FILES ARGV..."""
    report, cpu, memory, size, files = map(int, sys.argv[1:6])
    os.set_inheritable(report, False)
    host.adopt_orphans()
    host.hide()
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    me = os.getpid()
    child = os.fork()
    if child == 0:
        _become(sys.argv[6:], me, report, (cpu, memory, size, files))
    _leave_output()
    status = _wait(child, ended)
    _sweep(child)
    with suppress(OSError):
        os.write(report, b"exit %d" % status)


def _become(argv: list[str], parent: int, report: int, limits: tuple[int, ...]) -> None:
    """In the child: turn into the program, in a session of its own."""
    cpu, memory, size, files = limits
    try:
        # A session of its own, so that a program that signals its group does not hit this one.
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        host.die_with_parent(parent)
        _lower(resource.RLIMIT_CORE, 0)
        _lower(resource.RLIMIT_CPU, cpu, _CPU_GRACE)
        _lower(resource.RLIMIT_FSIZE, size)
        _lower(resource.RLIMIT_NOFILE, files)
        if memory:
            host.limit_memory(memory)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.execvp(argv[0], argv)  # noqa: S606 - there is no shell, and the list is the caller's
    except OSError as e:
        os.write(report, NOT_STARTED + f" {e.strerror}".encode())
    finally:
        os._exit(127)


def _lower(kind: int, most: int, grace: int = 0) -> None:
    """Set a limit, never above what is already in force."""
    _, hard = resource.getrlimit(kind)
    top = most + grace if hard == resource.RLIM_INFINITY else min(most + grace, hard)
    resource.setrlimit(kind, (min(most, top), top))


def _leave_output() -> None:
    """Let go of the output, so that it ends when the program's does."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)


def _wait(child: int, ended: int) -> int:
    """The program's status, signals as 128 + n; that of a kill if the lifeline ended first."""
    while True:
        ready, _, _ = select.select([0, ended], [], [])
        if ended in ready:
            os.read(ended, 512)
            while (reaped := _reap()) is not None:
                if reaped[0] == child:
                    code = os.waitstatus_to_exitcode(reaped[1])
                    return code if code >= 0 else 128 - code
        if 0 in ready:
            return 128 + signal.SIGKILL


def _reap() -> tuple[int, int] | None:
    """One child that ended and how; None if none has."""
    try:
        pid, status = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return None
    return (pid, status) if pid else None


def _sweep(child: int) -> None:
    """Kill all below this process until nothing is left."""
    host.kill_session(child)
    while True:
        while _reap() is not None:
            pass
        left = host.descendants(os.getpid())
        if not left:
            return
        for pid in left:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.002)


if __name__ == "__main__":
    main()
