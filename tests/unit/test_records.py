"""The table of records: what everything else is derived from."""

import dataclasses

import pytest

from rungbook.records import STREAMS, Envelope, Record, columns

SEED = {
    *("task_id", "timestamp", "task_type", "description", "complexity_score", "worker", "checker"),
    *("outcome", "attempts", "escalations", "validation_method"),
    *("latency_ms", "tokens_in", "tokens_out"),
}


@pytest.mark.parametrize("stream", STREAMS)
def test_every_column_is_typed_and_told(stream: str) -> None:
    table = columns(stream)
    assert list(table) == [field.name for field in dataclasses.fields(STREAMS[stream])]
    envelope = ["id", "ts", "run", "seq"] if issubclass(STREAMS[stream], Record) else ["id", "ts"]
    assert list(table)[: len(envelope)] == envelope
    for column in table.values():
        assert column.doc
        assert not column.doc.endswith(".")


@pytest.mark.parametrize("stream", STREAMS)
def test_records_are_frozen(stream: str) -> None:
    assert issubclass(STREAMS[stream], Envelope)
    assert STREAMS[stream].__dataclass_params__.frozen  # type: ignore[attr-defined]


def test_types_follow_the_fields() -> None:
    plans, attempts = columns("plans"), columns("attempts")
    assert plans["ts"].duck_type == "TIMESTAMP"
    assert plans["dirty"].duck_type == "BOOLEAN"
    assert plans["tokens"].duck_type == "BIGINT"
    assert plans["complexity"].duck_type == "DOUBLE"
    assert plans["files"].duck_type == "VARCHAR[]"
    assert plans["plan"].duck_type == "JSON"
    assert plans["parts"].duck_type == 'STRUCT("part" VARCHAR, "hash" VARCHAR)[]'
    assert attempts["feedback_from"].duck_type == (
        'STRUCT("attempt" BIGINT, "validator" VARCHAR)[]'
    )


def test_runs_carry_the_fields_of_the_task_log() -> None:
    assert set(columns("runs")) >= SEED


def test_an_unknown_stream_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        columns("calls")
