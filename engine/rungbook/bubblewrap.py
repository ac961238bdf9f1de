"""The command that shuts a program into a box by bubblewrap: what it sees of this machine."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from rungbook.box import HOME, Box
from rungbook.errors import ToolMissing
from rungbook.toolchains import toolchains

SCRATCH_BYTES = 1 << 30
"""Size of the sandbox's /tmp (its HOME is there) and of its shared memory; both are memory."""

_SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = """
alternatives ca-certificates group hosts ld.so.cache ld.so.conf ld.so.conf.d localtime mime.types
nsswitch.conf os-release passwd pki protocols services ssl timezone
"""
_ETC_NETWORK = "gai.conf host.conf resolv.conf"


def wrap(argv: Sequence[str], box: Box, program: Path) -> list[str]:
    """The bubblewrap command that runs `argv` in the box; `program` is what its first word names.

    The environment is passed by the caller's process, because bubblewrap's own arguments can be
    read from inside. Raises ToolMissing.
    """
    if (bwrap := shutil.which("bwrap")) is None:
        raise ToolMissing("bubblewrap is not installed", "Install bubblewrap (bwrap).")
    command = [bwrap, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    if box.network:
        command.append("--share-net")
    command += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    for scratch in ("/dev/shm", "/tmp"):  # noqa: S108
        command += ["--size", str(SCRATCH_BYTES), "--perms", "1777", "--tmpfs", scratch]
    command += ["--dir", HOME, "--ro-bind", "/usr", "/usr"]
    command += _system(box.network)
    for how, source, inside in _mounts(box, program):
        command += [how, str(source), str(inside)]
    return [*command, "--remount-ro", "/", "--chdir", str(box.at), "--", *argv]


def _system(network: bool) -> Iterator[str]:
    """Mounts for what belongs to the system but is not below /usr."""
    for path in map(Path, _SYSTEM):
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))
    if Path("/nix/store").is_dir():
        yield from ("--ro-bind", "/nix/store", "/nix/store")
    for name in f"{_ETC} {_ETC_NETWORK if network else ''}".split():
        if (path := Path("/etc", name)).exists():
            yield from ("--ro-bind", str(path), str(path))


def _mounts(box: Box, program: Path) -> list[tuple[str, Path, Path]]:
    """All other mounts, outer folders first, so that none hides another."""
    wanted: dict[Path, tuple[str, Path]] = {}
    for root in toolchains(box, program):
        wanted[root] = ("--ro-bind", root)
    for source, inside in box.read_only:
        wanted[inside] = ("--ro-bind", source)
    wanted[box.at] = ("--bind", box.tree)
    for source, inside in box.writable:
        wanted[inside] = ("--bind", source)
    inner = sorted(wanted, key=lambda path: len(path.parts))
    return [(wanted[path][0], wanted[path][1], path) for path in inner]
