"""Changes kept in the state folder: each once, under the hash of its content, for good."""

from pathlib import Path

from rungbook.errors import NotFound
from rungbook.store.disk import write_whole
from rungbook.store.layout import folder, guarded
from rungbook.workspace.kept import Kept


def keep(state: Path, change: Kept) -> str:
    """Store a change; its id, once it is on the disk (StateFailed)."""
    name, packed = change.packed()
    with guarded(state):
        path = folder(state, "changes") / name
        if not path.exists():
            write_whole(path, packed)
    return name


def fetch(state: Path, name: str | None) -> Kept:
    """The change of an id; raises NotFound where it is gone, StateFailed where it is damaged."""
    path = state / "changes" / (name or "")
    if name is None or not path.is_file():
        raise NotFound("the change is not kept", "rungbook review RUN shows its diff")
    with guarded(state):
        return Kept.unpacked(name, path.read_bytes())
