"""What differs between Linux and macOS, and nowhere else: both forms side by side.

Each program's supervisor imports this, so it imports nothing that is slow to load.
"""

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress
from functools import cache

LINUX = sys.platform.startswith("linux")
MACOS = sys.platform == "darwin"

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER = 1, 4, 36  # linux/prctl.h
_PROC_PIDTBSDINFO, _BSDINFO_SIZE, _BSDINFO_PPID = 3, 136, slice(16, 20)  # macOS: sys/proc_info.h
_F_FULLFSYNC = 51  # macOS: sys/fcntl.h


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def adopt_orphans() -> None:
    """Make this process the parent of every orphan below it (macOS knows nothing like it)."""
    if LINUX:
        _libc().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def hide() -> None:
    """Keep other processes of this user out of this one's memory and open files (Linux only)."""
    if LINUX:
        _libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def die_with_parent(parent: int) -> None:
    """Be killed when the parent is, also when it is already gone (Linux only)."""
    if LINUX:
        _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)


def limit_memory(most: int) -> None:
    """Bound what this process and each of its children may allocate, in bytes.

    Linux counts what is really writable, so runtimes that reserve much address space still start;
    macOS has only the bound on address space.
    """
    kind = resource.RLIMIT_DATA if LINUX else resource.RLIMIT_AS
    with suppress(ValueError, OSError):
        resource.setrlimit(kind, (most, most))


def full_sync(fd: int) -> None:
    """Bring a file to the disk itself; on macOS fsync stops at the drive's cache."""
    if MACOS:
        import fcntl

        fcntl.fcntl(fd, _F_FULLFSYNC)
    else:
        os.fsync(fd)


def data_sync(fd: int) -> None:
    """Bring what was appended to the disk itself, with the size but without other metadata."""
    if MACOS:
        full_sync(fd)
    else:
        os.fdatasync(fd)


def descendants(of: int) -> list[int]:
    """The ids of all processes below one, nearest first."""
    below: dict[int, list[int]] = {}
    for pid, parent in _processes():
        below.setdefault(parent, []).append(pid)
    found = [of]
    for pid in found:
        found += below.get(pid, [])
    return found[1:]


def kill_session(session: int) -> None:
    """Kill what is still in a session of processes."""
    for pid, _ in _processes():
        with suppress(OSError):
            if os.getsid(pid) == session:
                os.kill(pid, signal.SIGKILL)


def _processes() -> list[tuple[int, int]]:
    """Every process's id and its parent's."""
    return _linux_processes() if LINUX else _macos_processes()


def _linux_processes() -> list[tuple[int, int]]:
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with suppress(OSError):
                fd = os.open(f"{entry.path}/stat", os.O_RDONLY)
                try:
                    stat = os.read(fd, 4096)
                finally:
                    os.close(fd)
                # The name in parentheses may hold anything, parentheses included.
                found.append((int(entry.name), int(stat[stat.rindex(b")") + 2 :].split()[1])))
    return found


def _macos_processes() -> list[tuple[int, int]]:
    room = _libc().proc_listallpids(None, 0) + 64
    pids = (ctypes.c_int * room)()
    count = _libc().proc_listallpids(pids, ctypes.sizeof(pids))
    found = []
    info = ctypes.create_string_buffer(_BSDINFO_SIZE)
    for pid in pids[: max(0, count)]:
        if _libc().proc_pidinfo(pid, _PROC_PIDTBSDINFO, 0, info, _BSDINFO_SIZE) == _BSDINFO_SIZE:
            found.append((pid, int.from_bytes(info.raw[_BSDINFO_PPID], sys.byteorder)))
    return found
