"""The views: journal and lake as one, under writers, over old segments, for people with a shell."""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from fakes.outcomes import attempt, climbed, kept
from rungbook.errors import StateFailed
from rungbook.records import STREAMS, columns
from rungbook.store import views
from rungbook.store.journal import Journal
from rungbook.store.layout import segments
from rungbook.store.reading import read
from rungbook.store.views import DATABASE, connect, publish

FIXTURES = Path(__file__).parents[2] / "fixtures"


def ask(state: Path, sql: str) -> list[tuple[Any, ...]]:
    with connect(state) as db:
        return db.execute(sql).fetchall()


def shell(state: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(state / DATABASE), read_only=True) as db:
        return db.execute(sql).fetchall()


def compacted(state: Path, segment: Path, level: str, name: str) -> None:
    """The segment's rows as the compactor leaves them."""
    (stream,) = (stream for stream in STREAMS if segment.parent.name == stream)
    kinds = ", ".join(f"'{c.name}': '{c.duck_type}'" for c in columns(stream).values())
    target = state / "lake" / stream / level / f"{name}.parquet"
    duckdb.sql(
        f"FROM read_json('{segment}', format = 'newline_delimited', columns = {{{kinds}}})"
        f" SELECT *, '{segment.stem}' AS _seg"
    ).write_parquet(str(target))


def exclusive(state: Path) -> None:
    """What the compactor takes before it deletes."""
    with (state / "lake" / ".readers").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_an_empty_state_has_every_view_and_column(tmp_path: Path) -> None:
    with connect(tmp_path / "state") as db:
        for stream in STREAMS:
            found = db.table(stream)
            table = columns(stream).values()
            assert found.columns == [column.name for column in table]
            assert found.types == [duckdb.type(column.duck_type) for column in table]
            assert found.fetchall() == []


def test_a_run_is_seen_with_all_its_types(tmp_path: Path) -> None:
    state = kept(tmp_path, climbed("R"))
    assert ask(state, "SELECT task_type, worker, count(*) FROM runs GROUP BY ALL") == [
        ("standard-development", "haiku", 1)
    ]
    (row,) = ask(state, "SELECT ts, files, parts[1].part, features->>'words', dirty FROM plans")
    assert str(row[0]) == "2026-01-11 10:30:00"
    assert row[1:] == (["shop/auth.py"], "EscalationMatrix/coding#standard-development", "3", False)
    assert ask(state, "SELECT unnest(feedback_from).validator FROM attempts") == [("tests",)]


@pytest.mark.parametrize("tail", [b'{"id":"01', b'{"id":"01X","ts":"2026', b"\x00", b'{"id":"\xc3'])
def test_a_torn_tail_costs_no_row(tmp_path: Path, tail: bytes) -> None:
    state = kept(tmp_path, [("attempts", attempt("R", seq)) for seq in range(1, 4)])
    (path,) = segments(state, "attempts")
    path.write_bytes(path.read_bytes() + tail)
    kept(state, [("attempts", attempt("R", 4))])
    assert ask(state, "SELECT seq FROM attempts ORDER BY seq") == [(1,), (2,), (3,), (4,)]


def test_columns_of_earlier_and_later_versions_are_read(tmp_path: Path) -> None:
    state = kept(tmp_path, [("attempts", attempt("R", 1)), ("attempts", attempt("R", 2))])
    (path,) = segments(state, "attempts")
    one, two = path.read_bytes().splitlines(True)
    one, two = one.replace(b',"error":null', b""), two.replace(b'"n":1', b'"n":1,"mood":"good"')
    path.write_bytes(one + two)
    assert ask(state, "SELECT seq, error FROM attempts ORDER BY 1") == [(1, None), (2, None)]


def test_a_compacted_segment_is_told_once(tmp_path: Path) -> None:
    state = tmp_path
    for seq in (1, 2, 3):
        kept(state, [("attempts", attempt("R", seq))])
    publish(state)
    one, two, _ = segments(state, "attempts")
    everything = [(1,), (2,), (3,)]
    compacted(state, one, "L0", one.stem)
    compacted(state, two, "L0", two.stem)
    assert ask(state, "SELECT seq FROM attempts ORDER BY 1") == everything
    compacted(state, one, "L1", f"{one.stem}+1")
    assert ask(state, "SELECT seq FROM attempts ORDER BY 1") == everything
    one.unlink()
    two.unlink()
    assert ask(state, "SELECT seq FROM attempts ORDER BY 1") == everything
    assert shell(state, "SELECT seq FROM attempts ORDER BY 1") == everything


def test_a_lake_file_of_an_earlier_version_lacks_a_column(tmp_path: Path) -> None:
    publish(tmp_path)
    duckdb.execute(
        "COPY (SELECT 'A' AS id, 7::INTEGER AS seq, 's' AS _seg)"
        f" TO '{tmp_path}/lake/attempts/L1/old.parquet'"
    )
    assert ask(tmp_path, "SELECT id, seq, model FROM attempts") == [("A", 7, None)]


@pytest.mark.parametrize("name", ["it's", "[id]", "a*b", "what?", "{a,b}", "ünï cödé"])
def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    state = kept(tmp_path / name / "state", [("attempts", attempt("R", 1))])
    kept(tmp_path / "other" / "state", [("attempts", attempt("R", 1))])
    assert ask(state, "SELECT count(*) FROM attempts") == [(1,)]


def test_the_readers_lock_is_held_while_connected(tmp_path: Path) -> None:
    with connect(tmp_path), pytest.raises(BlockingIOError):
        exclusive(tmp_path)
    exclusive(tmp_path)


def test_what_fails_while_connected_is_not_blamed_on_the_state(tmp_path: Path) -> None:
    with pytest.raises(BrokenPipeError), connect(tmp_path):
        raise BrokenPipeError


def test_a_shell_sees_new_rows_while_a_writer_runs(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        publish(tmp_path)
        with duckdb.connect(str(tmp_path / DATABASE), read_only=True) as db:
            for seq in (1, 2, 3):
                journal.append("attempts", attempt("R", seq))
                assert db.execute("SELECT count(*) FROM attempts").fetchall() == [(seq,)]


def test_our_views_work_while_somebody_writes_in_the_file(tmp_path: Path) -> None:
    state = kept(tmp_path, climbed("R"))
    publish(state)
    with duckdb.connect(str(state / DATABASE)) as db:
        db.execute("CREATE TABLE mine (a INTEGER)")
        assert ask(state, "SELECT count(*) FROM runs") == [(1,)]
        (state / ".views").unlink()
        publish(state)
        assert db.execute("SELECT count(*) FROM runs").fetchall() == [(1,)]


def test_the_file_is_left_alone_until_place_or_columns_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = kept(tmp_path / "here", climbed("R"))
    publish(state)
    made = (state / DATABASE).stat().st_ino
    publish(state)
    assert (state / DATABASE).stat().st_ino == made
    moved = state.rename(tmp_path / "there")
    publish(moved)
    assert shell(moved, "SELECT count(*) FROM runs") == [(1,)]
    before = (moved / DATABASE).stat().st_ino
    fewer = {"runs": STREAMS["runs"]}
    monkeypatch.setattr(views, "STREAMS", fewer)
    publish(moved)
    assert (moved / DATABASE).stat().st_ino != before
    assert shell(moved, "SHOW TABLES") == [("runs",)]
    assert not [*moved.glob(".*.new")]


@pytest.mark.parametrize("missing", [DATABASE, "lake", "journal"])
def test_what_was_deleted_is_made_again(tmp_path: Path, missing: str) -> None:
    publish(tmp_path)
    path = tmp_path / missing
    path.unlink() if path.is_file() else shutil.rmtree(path)
    assert ask(tmp_path, "SELECT count(*) FROM runs") == [(0,)]
    assert path.exists()


def test_a_damaged_lake_file_is_named(tmp_path: Path) -> None:
    publish(tmp_path)
    (tmp_path / "lake" / "runs" / "L1" / "bad.parquet").write_text("rubbish")
    with pytest.raises(StateFailed, match=r"bad\.parquet"):
        ask(tmp_path, "FROM runs")


WRITER = """
import sys, time
from pathlib import Path
from fakes.outcomes import attempt
from rungbook.store.journal import Journal
until = time.monotonic() + 1.5
with Journal(Path(sys.argv[1])) as journal:
    seq = 0
    while time.monotonic() < until:
        seq += 1
        journal.append("attempts", attempt(sys.argv[2], seq))
        print(seq, flush=True)
        time.sleep(0.002)
"""


def test_two_processes_write_while_queries_run(tmp_path: Path) -> None:
    publish(tmp_path)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    logs = [tmp_path / f"{run}.log" for run in "AB"]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, tmp_path, log.stem],
            stdout=log.open("w"),
            env=environment,
        )
        for log in logs
    ]
    told = 0
    deadline = time.monotonic() + 20
    while any(writer.poll() is None for writer in writers) and time.monotonic() < deadline:
        said = sum(len(log.read_text().splitlines()) for log in logs)
        ((seen,),) = ask(tmp_path, "SELECT count(*) FROM attempts")
        ((shown,),) = shell(tmp_path, "SELECT count(*) FROM attempts")
        assert said <= seen <= shown
        told += seen > 0
    assert [writer.wait() for writer in writers] == [0, 0]
    assert told
    for log in logs:
        assert len(read(tmp_path, log.stem)) == len(log.read_text().splitlines())


@pytest.mark.parametrize("version", sorted(path.name for path in FIXTURES.glob("state-v*")))
def test_the_state_of_every_version_stays_readable(tmp_path: Path, version: str) -> None:
    state = Path(shutil.copytree(FIXTURES / version, tmp_path / "state"))
    (run,) = ask(state, "SELECT run, worker, rungs_left[1].because FROM runs")
    assert run[1:] == ("haiku", "attempts")
    assert [record.seq for record in read(state, run[0])] == list(range(1, 10))
    counts = ask(state, "SELECT (SELECT count(*) FROM attempts), (SELECT count(*) FROM spend)")
    assert counts == [(2, 2)]
