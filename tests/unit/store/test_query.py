"""Queries: one statement that only reads, and what is said when it is not."""

import io
import json
from pathlib import Path

import duckdb
import pytest

from fakes.outcomes import attempt, climbed, ended, kept
from rungbook.errors import BadSql
from rungbook.records import STREAMS, Rate
from rungbook.store.query import Format, export, query
from rungbook.store.rates import rates


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return kept(tmp_path / "state", climbed("R"))


def test_an_answer_has_names_types_and_rows(state: Path) -> None:
    answer = query(state, "SELECT task_type, attempts AS n FROM runs")
    assert answer.columns == ("task_type", "n")
    assert answer.types == ("VARCHAR", "BIGINT")
    assert answer.rows == [("standard-development", 2)]


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("FROM runs SELECT outcome", [("pass",)]),
        ("SELECT 1;", [(1,)]),
        ("-- why\nSELECT 'é;' ; -- done\n", [("é;",)]),
        ("WITH t AS (SELECT 1) FROM t", [(1,)]),
        ("VALUES (1), (2)", [(1,), (2,)]),
        ("(SELECT n FROM attempts ORDER BY n DESC)", [(4,), (1,)]),
        ("PIVOT (SELECT model, 1 AS one FROM attempts) ON model USING sum(one)", [(1, 1)]),
        ("SELECT count(*) FROM (SHOW TABLES)", [(len(STREAMS),)]),
    ],
)
def test_whatever_reads_is_answered(state: Path, sql: str, rows: list[tuple[object]]) -> None:
    assert query(state, sql).rows == rows


@pytest.mark.parametrize("sql", ["SHOW TABLES", "DESCRIBE runs", "SUMMARIZE attempts"])
def test_a_look_at_the_views_is_answered(state: Path, sql: str) -> None:
    assert query(state, sql).rows


@pytest.mark.parametrize(
    "sql",
    [
        "",
        ";",
        "SELECT 1; SELECT 2",
        "COPY (SELECT 1) TO '{out}'",
        "WITH t AS (COPY (SELECT 1) TO '{out}') SELECT * FROM t",
        "FROM query('COPY (SELECT 1) TO ''{out}''')",
        "SELECT 1) TO '{out}'; --",
        "ATTACH '{out}'",
        "CREATE TABLE t AS SELECT 1",
        "WITH t AS (INSERT INTO runs VALUES (1) RETURNING *) FROM t",
        "SET enable_external_access = true",
        "PRAGMA enable_profiling",
        "INSTALL sqlite",
        "LOAD sqlite",
        "EXPLAIN SELECT 1",
        "SELECT * FROM read_text('/etc/passwd')",
        "FROM '/etc/passwd'",
        "FROM glob('/etc/*')",
        "FROM read_text('{state}/journal/../outcomes.duckdb')",
        "FROM read_csv('https://example.invalid/x.csv')",
        "FROM state",
        "SELECT getenv('HOME')",
        "SELECT error('x')",
        "SELEC 1",
    ],
)
def test_whatever_does_more_is_refused_without_effect(
    state: Path, tmp_path: Path, sql: str
) -> None:
    out = tmp_path / "out"
    with pytest.raises(BadSql) as raised:
        query(state, sql.format(out=out, state=state))
    assert not out.exists()
    for stream in STREAMS:
        assert stream in raised.value.next_step


@pytest.mark.parametrize(
    ("sql", "line"),
    [
        ("SELECT\n\nnope FROM runs", "LINE 3: nope FROM runs"),
        ("SELECT 1\nFROM runs WHERE\nGROUP", "LINE 3: GROUP"),
    ],
)
def test_a_mistake_is_shown_where_the_user_wrote_it(state: Path, sql: str, line: str) -> None:
    with pytest.raises(BadSql) as raised:
        query(state, sql)
    assert line in str(raised.value)
    assert "^" in str(raised.value)


def test_a_wrong_column_is_answered_with_the_right_ones(state: Path) -> None:
    with pytest.raises(BadSql, match="outcome"):
        query(state, "SELECT outcom FROM runs")


@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
def test_answers_are_exported(state: Path, tmp_path: Path, form: Format) -> None:
    out = io.BytesIO()
    export(state, "SELECT n, feedback_from FROM attempts ORDER BY n;", form, out)
    if form == "json":
        told = [{"attempt": 1, "validator": "tests"}]
        assert json.loads(out.getvalue()) == [
            {"n": 1, "feedback_from": []},
            {"n": 4, "feedback_from": told},
        ]
    else:
        file = tmp_path / "file"
        file.write_bytes(out.getvalue())
        read = duckdb.read_csv if form == "csv" else duckdb.read_parquet
        assert read(str(file)).select("n").fetchall() == [(1,), (4,)]


def test_an_export_only_reads_too(state: Path, tmp_path: Path) -> None:
    with pytest.raises(BadSql):
        export(state, f"SELECT 1) TO '{tmp_path}/out' --", "csv", io.BytesIO())
    assert not (tmp_path / "out").exists()


def test_rates_are_wins_over_tries_of_runs_that_ended(tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert rates(state) == {}
    assert not state.exists()
    kept(state, climbed("R"))
    kept(state, [("attempts", attempt("open", 1))])  # has not ended
    kept(
        state,
        [
            ("attempts", attempt("S", 1, 1, result="unreachable")),
            ("attempts", attempt("S", 2, 2, result="unusable")),
            ("attempts", attempt("S", 3, 3)),
            ("runs", ended("S", 4, attempt=3)),
            ("attempts", attempt("T", 1, 1)),
            ("runs", ended("T", 2, outcome="review")),  # named, but nobody said it passed
        ],
    )
    kind = "standard-development"
    assert rates(state) == {(kind, "qwen3-30b"): Rate(1, 4), (kind, "haiku"): Rate(1, 1)}
