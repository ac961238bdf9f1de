"""When files may have changed: by the system's word, and by a look every few seconds.

Nobody's word is trusted alone: events get lost, network folders send none, and a folder that is
removed takes its watch along. Whoever is called looks for himself what has changed.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Event
from time import monotonic

LOOK_S = 2.0
"""Seconds between two looks where nothing is heard."""

POLL_S = 0.5
"""The same where nothing can be heard: the system is out of watches, say."""

_STEP_MS, _GROUP_MS, _TICK_MS = 25, 100, 200
"""Events are told after a step without new ones, or when they have come for longer than a group."""

Places = Mapping[str, tuple[int, int]]
"""Folders and the inodes behind them: one that is made anew is another."""


def changes(folders: Sequence[Path], stop: Event) -> Iterator[None]:
    """Yields at once, whenever something in or below the folders may have changed, and until stop.

    None of them needs to exist: what is not there is waited for in its nearest parent.
    """
    yield
    while not stop.is_set():
        yield from _heard(folders, stop)


def places(folders: Sequence[Path]) -> Places:
    """Every folder in which something can happen that changes what stands in these."""
    found: dict[str, tuple[int, int]] = {}
    for folder in folders:
        for path in {os.path.abspath(folder), os.path.realpath(folder)}:  # noqa: PTH100
            _nearest(os.path.dirname(path), found)  # noqa: PTH120
        _below(str(folder), found)
    return found


def _heard(folders: Sequence[Path], stop: Event) -> Iterator[None]:
    """The same while the places stay what they are, or for one look if they cannot be watched."""
    from watchfiles import watch

    around, due = places(folders), 0.0
    try:
        for heard in watch(
            *around,
            watch_filter=None,
            debounce=_GROUP_MS,
            step=_STEP_MS,
            stop_event=stop,
            rust_timeout=_TICK_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
            recursive=False,
            ignore_permission_denied=True,
        ):
            if heard or monotonic() > due:
                yield  # first right after the watch began: what came before it was not heard
                due = monotonic() + LOOK_S
                if places(folders) != around:
                    return
    except (OSError, RuntimeError):  # out of watches, or a place went while it was asked for
        stop.wait(POLL_S)
        yield


def _nearest(path: str, found: dict[str, tuple[int, int]]) -> None:
    """Add the folder, or the nearest of its parents that is there."""
    while not _add(path, found) and path != os.path.dirname(path):  # noqa: PTH120
        path = os.path.dirname(path)  # noqa: PTH120


def _below(folder: str, found: dict[str, tuple[int, int]]) -> None:
    """Add a folder and those in it, and those that links in them lead to; hidden ones are not."""
    todo = [folder]
    while todo:
        here = todo.pop()
        if not _add(here, found):
            continue
        try:
            entries = list(os.scandir(here))
        except OSError:
            continue
        for entry in entries:
            if entry.is_symlink():
                target = os.path.realpath(entry.path)
                _nearest(os.path.dirname(target), found)  # noqa: PTH120
            elif not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                todo.append(entry.path)


def _add(path: str, found: dict[str, tuple[int, int]]) -> bool:
    """Whether it is a folder, which is added."""
    try:
        status = os.stat(os.path.join(path, ""))  # noqa: PTH116, PTH118 - with / it is a folder
    except (OSError, ValueError):
        return False
    found[path] = status.st_dev, status.st_ino
    return True
