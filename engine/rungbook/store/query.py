"""One read-only statement over the views, asked by the user on this machine."""

import re
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeVar

from rungbook.errors import BadSql, StateFailed
from rungbook.records import STREAMS
from rungbook.store.views import connect, quoted

if TYPE_CHECKING:
    import duckdb

T = TypeVar("T")

Format = Literal["json", "csv", "parquet"]
_OPTIONS: dict[Format, str] = {
    "json": "FORMAT json, ARRAY true",
    "csv": "FORMAT csv, HEADER true",
    "parquet": "FORMAT parquet",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A query's result: names, DuckDB types and rows of Python values."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def query(state: Path, sql: str) -> Answer:
    """The rows of one SELECT (or FROM, SHOW, DESCRIBE, SUMMARIZE, PIVOT) over the views.

    Raises BadSql for anything else and for what DuckDB refuses, StateFailed for broken files.
    """
    with _asking(state, sql) as (db, wrapped, _):
        return _interruptibly(db, lambda: _answer(db, wrapped))


def export(state: Path, sql: str, form: Format, out: BinaryIO) -> None:
    """Writes the rows of such a query to `out`, as DuckDB writes that format; raises as `query`."""
    with _asking(state, sql) as (db, wrapped, room):
        path = room / "answer"
        copy = f"COPY ({wrapped}) TO {quoted(path)} ({_OPTIONS[form]})"
        _interruptibly(db, lambda: db.execute(copy))
        with path.open("rb") as answer:
            while block := answer.read(2**20):
                out.write(block)


def _answer(db: "duckdb.DuckDBPyConnection", sql: str) -> Answer:
    found = db.execute(sql)
    described = found.description or ()
    return Answer(
        tuple(column[0] for column in described),
        tuple(str(column[1]) for column in described),
        found.fetchall(),
    )


def _interruptibly(db: "duckdb.DuckDBPyConnection", ask: Callable[[], T]) -> T:
    """DuckDB does not see an interrupt while it works, so it works beside the thread that does."""
    with ThreadPoolExecutor(1) as beside:
        asked = beside.submit(ask)
        try:
            return asked.result()
        except KeyboardInterrupt:
            db.interrupt()
            raise


@contextmanager
def _asking(state: Path, sql: str) -> "Iterator[tuple[duckdb.DuckDBPyConnection, str, Path]]":
    """The locked database, the statement as a subquery, and a private folder for the answer.

    Only as a subquery is a statement sure to read: a SELECT may hold a COPY in its WITH.
    """
    import duckdb

    with connect(state) as db, tempfile.TemporaryDirectory(prefix="rungbook-") as room:
        added = 0
        try:
            statement = _statement(db, sql)
            _lock(db, state.resolve(), Path(room))
            added = 1
            yield db, f"SELECT * FROM (\n{statement}\n)", Path(room)  # noqa: S608 (meant so)
        except duckdb.IOException as error:
            raise StateFailed(f"the outcomes in {state} cannot be read: {error}") from error
        except duckdb.Error as error:
            raise BadSql(_placed(str(error), added), _VIEWS) from error


def _statement(db: "duckdb.DuckDBPyConnection", sql: str) -> str:
    """The text of the one statement, without its semicolon."""
    from duckdb import StatementType, token_type, tokenize

    statements = db.extract_statements(sql)
    if len(statements) != 1:
        raise BadSql(f"one statement is asked at a time, not {len(statements)}", _VIEWS)
    if statements[0].type not in (StatementType.SELECT, StatementType.MULTI):  # MULTI: PIVOT
        raise BadSql(f"outcomes are only read: {statements[0].type.name} is not a SELECT", _VIEWS)
    text = statements[0].query.encode()
    words = [at for at, kind in tokenize(statements[0].query) if kind != token_type.comment]
    end = words[-1] if text[words[-1] : words[-1] + 1] == b";" else len(text)
    return text[:end].decode()


def _lock(db: "duckdb.DuckDBPyConnection", state: Path, room: Path) -> None:
    """From here on DuckDB opens nothing but journal, lake and the room, and stays so."""
    db.execute("SET temp_directory = ?", [str(room / "spill")])
    allowed = [f"{folder}/" for folder in (state / "journal", state / "lake", room)]
    db.execute("SET allowed_directories = ?", [allowed])
    db.execute("SET enable_external_access = false")
    db.execute("SET lock_configuration = true")


def _placed(message: str, added: int) -> str:
    """DuckDB's message with the line numbers of what the user wrote."""
    return re.sub(r"^LINE (\d+):", lambda at: f"LINE {int(at[1]) - added}:", message, flags=re.M)


_VIEWS = f"Views: {', '.join(STREAMS)}. `DESCRIBE runs` lists the columns of one."
