"""Keys of hosts: fetched when they are used, sent where nobody can read along, never shown."""

import os
from pathlib import Path

from rungbook.process import Box, Limits, run
from rungbook.settings import Host, Key

_COMMAND_S = 30.0
"""Seconds a command has to give a key: time for a person to unlock a password store."""

_QUIET = ("sh", "-c", 'exec "$@" 2>/dev/null', "sh")
"""Before a command whose output is a key: what it says on stderr is none of it."""


class NoKey(Exception):
    """A key that is wanted cannot be had, or must not be sent; says what to do, never the key."""


async def secret(host: Host) -> str | None:
    """The key of a host, None where it wants none; raises NoKey."""
    if host.key is None:
        return None
    if not host.is_private:
        raise NoKey(f"a key is sent only over https or to this machine, and {host.url} is neither")
    said = await _fetched(host.key)
    if not said.isascii() or not said.isprintable():
        raise NoKey(f"{_named(host.key)} gave no key: it must be one line of plain characters")
    return said


async def _fetched(key: Key) -> str:
    if key.env is not None:
        said = os.environ.get(key.env, "").strip()
        if not said:
            raise NoKey(f"there is no key: set {key.env} in the environment")
        return said
    command = key.command or ()
    home = Path.home()
    box = Box(home, home, network=True, variables=dict(os.environ), isolation="none")
    exit = await run([*_QUIET, *command], box, Limits(seconds=_COMMAND_S))
    said = exit.output.strip()
    if exit.status != 0 or not said:
        how = exit.because or f"exit status {exit.status}"
        raise NoKey(f"there is no key: {_named(key)} ended without one ({how})")
    return said


def _named(key: Key) -> str:
    return key.env or f"`{(key.command or ('?',))[0]}`"
