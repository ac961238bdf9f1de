"""A process that is killed at any step it takes on the disk."""

import os
from collections.abc import Callable
from typing import Any

from rungbook import git

STEPS = ("fsync", "link", "mkdir", "rename", "replace", "rmdir", "symlink", "unlink", "write")
"""What of `os` counts as a step; every call of git is another."""


def killed_at(n: int, act: Callable[[], object]) -> bool:
    """Let a child act, and kill it before its step number n; False if it ended before that."""
    child = os.fork()
    if not child:
        _dies_at(n)
        try:
            act()
        except BaseException:
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 9), f"it failed at step {n} instead of being killed"
    return status == 9


def _dies_at(n: int) -> None:
    left = iter(range(n))

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **kwargs: Any) -> Any:
            if next(left, None) is None:
                os._exit(9)
            return real(*args, **kwargs)

        return step

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))
    git._start = counted(git._start)
