"""How workers and checks are kept in here, and why it is no better."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rungbook import host, process
from rungbook.box import Box, Isolation
from rungbook.errors import ToolMissing, UsageError
from rungbook.runtime.doctor.signs import Sign, fail, ok, warn

PROBE_S = 10.0
"""Seconds that a program which does nothing may take to start."""

_MEANS = "workers could read and write your files and use the network"

_SWITCHES = (
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "0"),  # Ubuntu from 23.10 on
    ("kernel/unprivileged_userns_clone", "0", "1"),  # Debian before 11
    ("user/max_user_namespaces", "0", "15000"),  # namespaces(7)
)
"""Below /proc/sys: the value that keeps users from making namespaces, and one that does not."""

_IN_CONTAINER = ("/.dockerenv", "/run/.containerenv")
"""What Docker and Podman leave in each container."""


@dataclass(frozen=True, slots=True)
class Walls:
    """The level that runs get, None where RUNGBOOK_ISOLATION names none; and what is in the way.

    `said`: what bubblewrap says where it does not work; `sysctl`: the setting that would help.
    """

    level: Isolation | None
    forced: str = ""
    linux: bool = True
    bwrap: bool = True
    said: str = ""
    sysctl: str = ""
    container: bool = False


def gather() -> Walls:
    """Try it, as a run would."""
    forced = os.environ.get("RUNGBOOK_ISOLATION", "")
    try:
        level = process.isolated()
    except UsageError:
        return Walls(None, forced)
    bwrap = shutil.which("bwrap") is not None
    in_doubt = forced == "bubblewrap" or (level == "none" and not forced)
    said = _probe() if host.LINUX and bwrap and in_doubt else ""
    return Walls(
        level=level,
        forced=forced,
        linux=host.LINUX,
        bwrap=bwrap,
        said=said,
        sysctl=_sysctl() if said else "",
        container=any(Path(name).exists() for name in _IN_CONTAINER),
    )


def _probe() -> str:
    """What a program that does nothing says from the inside; empty if it works."""
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder), Path(folder))
        try:
            ended = process.run_blocking(["true"], box, process.Limits(seconds=PROBE_S))
        except ToolMissing as e:
            return str(e)
    if ended.status == 0:
        return ""
    return ended.output.strip() or ended.because or f"exit status {ended.status}"


def _sysctl() -> str:
    """The setting of the kernel that would let users make namespaces, as sysctl(8) takes it."""
    for name, off, on in _SWITCHES:
        with suppress(OSError):
            if Path("/proc/sys", name).read_text().strip() == off:
                return f"{name.replace('/', '.')}={on}"
    return ""


def judge(walls: Walls) -> Iterator[Sign]:
    """What is said of it."""
    if walls.level is None:
        known = "RUNGBOOK_ISOLATION is none or bubblewrap"
        yield fail("isolation", f"RUNGBOOK_ISOLATION is {walls.forced!r}", known)
    elif walls.level == "bubblewrap" and walls.bwrap and not walls.said:
        yield ok("bubblewrap", "works: workers see the sandbox, no files of yours, no network")
    elif walls.forced == "none":
        yield warn("none", f"RUNGBOOK_ISOLATION says so; {_MEANS}", "unset RUNGBOOK_ISOLATION")
    elif walls.forced:
        why = walls.said or "is not installed"
        yield fail("bubblewrap", f"RUNGBOOK_ISOLATION asks for it: {why}", _remedy(walls))
    elif not walls.linux:
        step = "let only workers in that you trust, or run it in a Linux machine or container"
        yield warn("none", f"this system has no bubblewrap; {_MEANS}", step)
    else:
        why = walls.said or "bubblewrap is not installed"
        yield warn("none", f"{why}; {_MEANS}", _remedy(walls))


def _remedy(walls: Walls) -> str:
    """What would make bubblewrap work."""
    if not walls.bwrap:
        return "install bubblewrap: sudo apt install bubblewrap (dnf, pacman -S, zypper)"
    if walls.sysctl:
        return f"sudo sysctl -w {walls.sysctl} (in /etc/sysctl.d/ to keep it)"
    if walls.container:
        return "start the container with --security-opt seccomp=unconfined"
    return "bwrap --unshare-all --ro-bind / / true   (says what is in the way)"
