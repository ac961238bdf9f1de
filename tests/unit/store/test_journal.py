"""The writer: what was given an id stays, whatever happens; what was not leaves no trace."""

import errno
import fcntl
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import orjson
import pytest

from fakes.outcomes import BEGAN, attempt, climbed, kept, spend
from rungbook.errors import StateFailed
from rungbook.store import journal as module
from rungbook.store.journal import Journal
from rungbook.store.layout import segments
from rungbook.store.reading import read


def lines(state: Path, stream: str = "attempts") -> list[bytes]:
    return [line for path in segments(state, stream) for line in path.read_bytes().splitlines(True)]


def rows(state: Path) -> list[int]:
    return [len(path.read_bytes().splitlines()) for path in segments(state, "attempts")]


def test_a_record_is_one_line_with_its_id_first(tmp_path: Path) -> None:
    with Journal(tmp_path / "state") as journal:
        key = journal.append("attempts", attempt("R", 1))
    (line,) = lines(tmp_path / "state")
    assert line.startswith(b'{"id":"%b","ts":"2026-01-11T10:30:01Z"' % key.encode())
    assert line.endswith(b"}\n")


def test_nothing_is_made_before_it_is_needed(tmp_path: Path) -> None:
    Journal(tmp_path / "state").append_many("attempts", [])
    assert list(tmp_path.iterdir()) == []


def test_everything_is_the_users_alone_and_outside_git(tmp_path: Path) -> None:
    state = kept(tmp_path / "state", climbed("R"))
    for path in [state, *(state / "journal").rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path
    assert (state / ".gitignore").read_text() == "*\n"


def test_a_segment_is_locked_while_it_may_grow(tmp_path: Path) -> None:
    def free(path: Path) -> bool:
        with path.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True

    journal = Journal(tmp_path)
    journal.append("attempts", attempt("R", 1))
    (path,) = segments(tmp_path, "attempts")
    assert not free(path)
    journal.close()
    assert free(path)
    journal.append("attempts", attempt("R", 2))
    assert len(segments(tmp_path, "attempts")) == 2  # never opened again
    journal.close()


def test_a_full_segment_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SEAL_ROWS", 3)
    with Journal(tmp_path) as journal:
        for seq in range(1, 8):
            journal.append("attempts", attempt("R", seq))
    assert rows(tmp_path) == [3, 3, 1]


def _short(fd: int, data: bytes) -> int:
    return os.__dict__["_write"](fd, data[: len(data) // 2])


def _full(fd: int, data: bytes) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def _interrupted(fd: int, data: bytes) -> int:
    os.__dict__["_write"](fd, data)
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("write", "error"),
    [(_short, StateFailed), (_full, StateFailed), (_interrupted, KeyboardInterrupt)],
)
def test_a_failed_write_leaves_nothing_behind_and_the_next_one_works(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write: Callable[[int, bytes], int],
    error: type[BaseException],
) -> None:
    monkeypatch.setattr(os, "_write", os.write, raising=False)
    with Journal(tmp_path) as journal:
        first = journal.append("attempts", attempt("R", 1))
        with monkeypatch.context() as broken:
            broken.setattr(os, "write", write)
            with pytest.raises(error):
                journal.append("attempts", attempt("R", 2))
        second = journal.append("attempts", attempt("R", 2))
    assert [orjson.loads(line)["id"] for line in lines(tmp_path)] == [first, second]
    assert len(segments(tmp_path, "attempts")) == 2


def test_a_failed_sync_is_a_failed_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with Journal(tmp_path) as journal:
        journal.append("attempts", attempt("R", 1))
        with monkeypatch.context() as patch:
            patch.setattr(module, "data_sync", broken)
            with pytest.raises(StateFailed, match="Input/output error"):
                journal.append_many("attempts", [attempt("R", 2), attempt("R", 3)])
    assert len(lines(tmp_path)) == 1


def test_a_torn_tail_that_cannot_be_cut_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "_write", os.write, raising=False)
    with Journal(tmp_path) as journal:
        journal.append("attempts", attempt("R", 1))
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", _short)
            patch.setattr(os, "ftruncate", broken)
            with pytest.raises(StateFailed):
                journal.append("attempts", attempt("R", 2))
        journal.append("attempts", attempt("R", 2, error="again"))
    assert [record.seq for record in read(tmp_path, "R")] == [1, 2]


def test_a_folder_that_cannot_be_made_is_told_with_a_next_step(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(StateFailed) as raised:
        Journal(tmp_path / "state").append("attempts", attempt("R", 1))
    assert str(tmp_path / "state") in str(raised.value)
    assert raised.value.next_step


def test_a_record_in_the_wrong_place_is_refused(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal, pytest.raises(TypeError, match="SpendRecord"):
        journal.append("attempts", spend("R", 1, 1, 0.1))


def test_a_record_too_long_for_the_reader_is_refused(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal, pytest.raises(StateFailed, match="too long"):
        journal.append("attempts", attempt("R", 1, error="x" * module.RECORD_BYTES))


def test_text_that_is_no_text_does_not_lose_the_record(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.append("attempts", attempt("R", 1, error="caf\udce9 \ud83d\ude00 \x00 é"))
    (record,) = read(tmp_path, "R")
    assert record.error == "caf\ufffd \N{GRINNING FACE} \x00 é"  # type: ignore[attr-defined]


def test_times_of_any_zone_are_kept_as_utc(tmp_path: Path) -> None:
    there = BEGAN.astimezone(timezone(timedelta(hours=5, minutes=30)))
    naive = datetime(2026, 1, 11, 10, 30)
    with Journal(tmp_path) as journal:
        for seq, time in enumerate((BEGAN, there, naive), 1):
            journal.append("attempts", attempt("R", seq, ts=time))
    assert {record.ts for record in read(tmp_path, "R")} == {naive}


def test_threads_share_one_segment_and_lose_nothing(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal, ThreadPoolExecutor(8) as pool:
        keys = [*pool.map(lambda n: journal.append("attempts", attempt("R", n)), range(1, 201))]
    written = [orjson.loads(line)["id"] for line in lines(tmp_path)]
    assert sorted(keys) == written
    assert len(segments(tmp_path, "attempts")) == 1


def test_a_forked_child_writes_a_segment_of_its_own(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append("attempts", attempt("R", 1))
    child = os.fork()
    if child == 0:
        journal.append("attempts", attempt("R", 2))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    journal.append("attempts", attempt("R", 3))
    assert rows(tmp_path) == [2, 1]
    journal.close()


def test_a_forked_child_does_not_keep_its_parents_segment_locked(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append("attempts", attempt("R", 1))
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        theirs.send(b"here")
        theirs.recv(1)
        os._exit(0)
    theirs.close()
    assert ours.recv(4) == b"here"
    journal.close()
    (path,) = segments(tmp_path, "attempts")
    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    ours.close()
    os.waitpid(child, 0)


WRITER = """
import sys
from pathlib import Path
from fakes.outcomes import attempt
from rungbook.store.journal import Journal
journal = Journal(Path(sys.argv[1]))
for seq in range(1, 100_000):
    print(*journal.append_many("attempts", [attempt(sys.argv[2], seq)] * 3), flush=True)
"""


@pytest.mark.parametrize("wait", [50, 120])
def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path, wait: int) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, tmp_path, "R"], stdout=subprocess.PIPE, env=environment
    ) as writer:
        assert writer.stdout is not None
        told = [writer.stdout.readline() for _ in range(wait)]
        writer.send_signal(signal.SIGKILL)
        told += writer.stdout.read().splitlines(True)
    acknowledged = {key for line in told if line.endswith(b"\n") for key in line.split()}
    written = {orjson.loads(line)["id"].encode() for line in lines(tmp_path) if line[-1:] == b"\n"}
    assert acknowledged <= written
    assert len(written - acknowledged) <= 3  # one batch may have been on its way
