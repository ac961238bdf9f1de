"""A state folder is looked at as a whole: what is odd in it is named, and nothing changes."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from fakes.machine import fingerprint
from fakes.outcomes import BEGAN, attempt, climbed, kept
from rungbook.records import STREAMS
from rungbook.store.health import SLACK, Health, health
from rungbook.store.journal import Journal
from rungbook.store.layout import segments
from rungbook.store.views import connect

RUN = "01KEPT0RVN0000000000000001"
NOW = BEGAN.replace(tzinfo=None) + timedelta(hours=1)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A folder as a run and a query leave it."""
    with connect(kept(tmp_path / "state", climbed(RUN))):
        return tmp_path / "state"


def attempts(state: Path) -> Path:
    [segment] = segments(state, "attempts")
    return segment


def looked(state: Path) -> Health:
    """What is seen, by a look that changes nothing."""
    before = fingerprint(state)
    found = health(state, NOW)
    assert fingerprint(state) == before
    return found


def test_a_folder_as_a_run_leaves_it(state: Path) -> None:
    found = looked(state)
    assert (found.place, found.there, found.writable, found.private) == (state, True, True, True)
    assert found.bytes == sum(p.stat().st_size for p in state.rglob("*") if p.is_file())
    assert found.free > 0
    assert set(found.streams) == set(STREAMS)
    assert {name: s.records for name, s in found.streams.items() if s.records} == {
        "plans": 1, "attempts": 2, "checks": 2, "approvals": 1, "spend": 2, "runs": 1,
    }  # fmt: skip
    odd = [s for s in found.streams.values() if s.live or s.torn or s.newer or s.unreadable]
    assert odd == []
    assert (found.strange, found.views) == ((), "")


@pytest.mark.parametrize("below", ["", "project/.rungbook"])
def test_where_there_is_none_yet(below: str, tmp_path: Path) -> None:
    found = looked_at_nothing(tmp_path / below / "state", tmp_path)
    assert (found.place, found.there, found.writable) == (tmp_path, False, True)


def looked_at_nothing(state: Path, around: Path) -> Health:
    before = fingerprint(around)
    found = health(state, NOW)
    assert fingerprint(around) == before
    return found


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = health(tmp_path / "file" / "state", NOW)
    assert (found.place, found.there, found.writable) == (tmp_path / "file", False, False)


def test_a_folder_that_others_can_enter(state: Path) -> None:
    state.chmod(0o755)
    assert not looked(state).private


def test_a_segment_is_live_while_it_has_a_writer(state: Path) -> None:
    with Journal(state) as journal:
        journal.append("attempts", attempt(RUN, 10))
        one = looked(state).streams["attempts"]
        assert (one.live, one.sealed, one.records) == (1, 1, 3)
    one = looked(state).streams["attempts"]
    assert (one.live, one.sealed, one.records) == (0, 2, 3)


def test_half_a_record_is_torn_only_once_its_writer_is_gone(state: Path) -> None:
    with Journal(state) as journal:
        journal.append("attempts", attempt(RUN, 10))
        live = segments(state, "attempts")[-1]
        with live.open("ab") as file:
            file.write(b'{"id":"01')
        assert looked(state).streams["attempts"].torn == 0
    one = looked(state).streams["attempts"]
    assert (one.torn, one.records, one.unreadable) == (1, 3, [])


@pytest.mark.parametrize(
    "line",
    [
        b"\0\0\0\0\n",
        b"[]\n",
        b'{"id":""}\n',
        b'{"id":"01","ts":"2026-01-11T10:30:00Z"}\n',
        b'{"id":"01","ts":"soon","run":"x","seq":1}\n',
        b"\xff\xfe\n",
    ],
)
def test_lines_of_no_use_are_named(line: bytes, state: Path) -> None:
    whole = attempts(state).read_bytes().splitlines(keepends=True)
    attempts(state).write_bytes(whole[0] + line + whole[1])
    one = looked(state).streams["attempts"]
    assert one.records == 2
    assert [(file, number) for file, number, _ in one.unreadable] == [(str(attempts(state)), 2)]
    assert all(why for _, _, why in one.unreadable)


def test_a_record_without_a_time_is_of_no_use(state: Path) -> None:
    values = json.loads(attempts(state).read_bytes().splitlines()[0])
    attempts(state).write_text(json.dumps(values | {"ts": None}) + "\n")
    one = looked(state).streams["attempts"]
    assert (one.records, len(one.unreadable)) == (0, 1)


def test_a_segment_that_cannot_be_opened_is_named(state: Path) -> None:
    (state / "journal" / "attempts" / "00.ndjson").symlink_to("nowhere")
    [(file, _, why)] = looked(state).streams["attempts"].unreadable
    assert (Path(file).name, why) == ("00.ndjson", "No such file or directory")


def test_records_and_streams_of_a_newer_version(state: Path) -> None:
    values = json.loads(attempts(state).read_bytes().splitlines()[0])
    with attempts(state).open("a") as file:
        file.write(json.dumps(values | {"mood": "good"}) + "\n")
    (state / "journal" / "calls").mkdir()
    found = looked(state)
    assert (found.streams["attempts"].newer, found.streams["attempts"].records) == (1, 3)
    assert found.strange == ("calls",)


def test_records_that_lie_in_the_future(tmp_path: Path) -> None:
    soon, late = BEGAN + timedelta(hours=1) + SLACK, BEGAN + timedelta(days=400)
    records = [("attempts", attempt(RUN, n, ts=ts)) for n, ts in enumerate((soon, late), 1)]
    kept(tmp_path / "state", records)
    assert looked(tmp_path / "state").streams["attempts"].ahead == [late.replace(tzinfo=None)]


def test_views_that_are_to_be_made_are_no_illness(state: Path) -> None:
    (state / "lake" / "runs" / "L0" / "_empty.parquet").unlink()
    assert looked(state).views is None


def test_views_of_other_columns_are_made_anew(state: Path) -> None:
    import duckdb

    empty = state / "lake" / "runs" / "L1" / "_empty.parquet"
    duckdb.sql("select 'x' as id, 'y' as _seg where false").write_parquet(str(empty))
    other = state / "lake" / "runs" / "L0" / "_empty.parquet"
    other.write_bytes(empty.read_bytes())
    assert looked(state).views is None


def test_a_file_that_duckdb_cannot_read_is_told_of(state: Path) -> None:
    (state / "lake" / "checks" / "L0" / "01.parquet").write_bytes(b"no parquet")
    assert "01.parquet" in (looked(state).views or "")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_to(state: Path) -> None:
    state.chmod(0o500)
    try:
        assert not health(state, NOW).writable
    finally:
        state.chmod(0o700)
