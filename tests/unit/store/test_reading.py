"""Records read straight from the segments."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fakes.outcomes import attempt, climbed, ended, kept, spend
from rungbook.errors import StateFailed
from rungbook.records import STREAMS
from rungbook.store.layout import segments
from rungbook.store.reading import read, run_ids, spent

DAY = "2026-01-11"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def test_a_run_comes_back_as_it_was_written_in_order(state: Path) -> None:
    records = climbed("R")
    kept(state, [*climbed("Q"), *reversed(records)])
    found = read(state, "R")
    assert [record.seq for record in found] == list(range(1, 10))
    for (stream, written), back in zip(records, found, strict=True):
        assert type(back) is STREAMS[stream]
        assert back.id
        for name in STREAMS[stream].__dataclass_fields__:
            if name not in {"id", "ts", "timestamp"}:
                assert getattr(back, name) == getattr(written, name), name


def test_what_stands_after_a_gap_is_left_out(state: Path) -> None:
    kept(state, [("attempts", attempt("R", seq)) for seq in (1, 2, 4, 5)])
    assert [record.seq for record in read(state, "R")] == [1, 2]


def test_a_run_without_its_first_record_is_empty(state: Path) -> None:
    kept(state, [("attempts", attempt("R", 2))])
    assert read(state, "R") == []


def test_of_two_records_in_one_place_the_earlier_counts(state: Path) -> None:
    kept(state, [("attempts", attempt("R", 1, error="one"))])
    kept(state, [("attempts", attempt("R", 1, error="two")), ("attempts", attempt("R", 2))])
    assert [getattr(record, "error", None) for record in read(state, "R")] == ["one", None]


def test_an_unknown_run_and_an_empty_state_are_empty(state: Path) -> None:
    assert read(state, "R") == []
    assert run_ids(state) == []
    assert spent(state, DAY) == 0
    assert not state.exists()
    assert read(kept(state, climbed("Q")), "R") == []


def test_a_run_named_inside_another_is_not_taken_for_it(state: Path) -> None:
    kept(state, [("attempts", attempt("Q", 1, error='"run":"R"'))])
    assert read(state, "R") == []


@pytest.mark.parametrize("tail", [b'{"id":"01', b'{"id":"01X","ts":"2026', b"\x00\x00", b"\xc3"])
def test_a_torn_tail_is_passed_over(state: Path, tail: bytes) -> None:
    kept(state, climbed("R"))
    for stream in {stream for stream, _ in climbed("R")}:
        (path,) = segments(state, stream)
        path.write_bytes(path.read_bytes() + tail)
    (path,) = segments(state, "runs")
    assert len(read(state, "R")) == 9
    whole = path.read_bytes()[: -len(tail)]
    path.write_bytes(whole[:-1])  # all but the newline: nobody was told of it
    assert len(read(state, "R")) == 8


def test_a_later_versions_columns_are_left_out(state: Path) -> None:
    kept(state, [("attempts", attempt("R", 1))])
    (path,) = segments(state, "attempts")
    path.write_bytes(path.read_bytes().replace(b'"n":1', b'"n":1,"mood":{"a":[1]}'))
    assert len(read(state, "R")) == 1


def test_an_earlier_versions_missing_columns_have_their_default(state: Path) -> None:
    kept(state, [("attempts", attempt("R", 1))])
    (path,) = segments(state, "attempts")
    path.write_bytes(path.read_bytes().replace(b'"tampered":false,', b""))
    (record,) = read(state, "R")
    assert record.tampered is False  # type: ignore[attr-defined]


def test_a_record_without_what_every_version_has_is_told(state: Path) -> None:
    kept(state, [("attempts", attempt("R", 1))])
    (path,) = segments(state, "attempts")
    path.write_bytes(path.read_bytes().replace(b'"rung":"local",', b""))
    with pytest.raises(StateFailed, match="rung"):
        read(state, "R")


def test_run_ids_are_those_that_began(state: Path) -> None:
    kept(state, [*climbed("B"), *climbed("A"), ("runs", ended("C", 1))])
    assert run_ids(state) == ["A", "B"]


def test_held_money_counts_until_it_is_settled(state: Path) -> None:
    kept(state, [("spend", spend("R", 1, 1, 0.5)), ("spend", spend("R", 2, 2, 0.25))])
    assert spent(state, DAY) == 0.75
    kept(state, [("spend", spend("R", 3, 1, 0.5, 0.125))])
    assert spent(state, DAY) == 0.375
    kept(state, [("spend", spend("Q", 1, 1, 1.0))])  # another run's decisions have the same ids
    assert spent(state, DAY) == 1.375


def test_spending_is_told_apart_by_day_project_and_task_type(state: Path) -> None:
    kept(state, [("spend", spend("R", 1, 1, 0.5))])
    assert spent(state, "2026-01-12") == 0
    assert spent(state, DAY, "/home/ann/shop", "standard-development") == 0.5
    assert spent(state, DAY, "/home/ann/other") == 0
    assert spent(state, DAY, task_type="quick-edit") == 0


def test_segments_older_than_the_day_are_not_read(state: Path) -> None:
    kept(state, [("spend", spend("R", 1, 1, 0.5))])
    (path,) = segments(state, "spend")
    os.utime(path, (0, 0))
    assert spent(state, DAY) == 0


def test_neither_writing_nor_reading_loads_duckdb() -> None:
    code = (
        "import sys, rungbook.store.journal, rungbook.store.reading, rungbook.store.views,"
        " rungbook.store.query, rungbook.store.rates; sys.exit('duckdb' in sys.modules)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == 0
