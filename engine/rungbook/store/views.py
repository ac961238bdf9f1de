"""The views: a stream's journal tail and its lake as one table; nothing holds a database open.

Our tools ask an in-memory DuckDB. `outcomes.duckdb` holds the same views for people with a shell
(`duckdb -readonly outcomes.duckdb`): it is never opened again, only replaced when out of date.
"""

import glob
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rungbook.errors import StateFailed
from rungbook.records import STREAMS, columns
from rungbook.store.disk import beside, write_whole
from rungbook.store.layout import folder, guarded, reader

if TYPE_CHECKING:
    import duckdb

DATABASE = "outcomes.duckdb"
LEVELS = ("L0", "L1")
_STORAGE = "v1.2.0"  # the oldest DuckDB shell that can open the file
_STAMP = ".views"
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,  # or a table could be a variable of ours
}


@contextmanager
def connect(state: Path) -> "Iterator[duckdb.DuckDBPyConnection]":
    """An in-memory database with one view a stream, while the reader's lock is held.

    Makes what is missing of the state folder. Raises StateFailed where that cannot be done.
    """
    import duckdb

    state = state.resolve()
    publish(state)
    with ExitStack() as stack:
        with guarded(state):
            stack.enter_context(reader(state))
        db = stack.enter_context(duckdb.connect(config=_CONFIG))
        with _told(state):
            _create_views(db, state)
        yield db


def publish(state: Path) -> None:
    """Brings `outcomes.duckdb` and the empty files under the views up to date (StateFailed).

    Nothing is done, and DuckDB not loaded, while the folder's place and the columns are the same.
    """
    state = state.resolve()
    stamp, today = state / _STAMP, _stamp(state)
    with guarded(state):
        there = all(path.exists() for path in (stamp, state / DATABASE, *_empties(state)))
        if there and stamp.read_text(encoding="utf-8") == today:
            return
        with _told(state):
            _write(state)
        write_whole(stamp, today.encode())


def view_sql(state: Path, stream: str) -> str:
    """The query behind a view: L1, then L0 and the tail without the segments already told.

    A torn line reads as a row without an id. `_seg` is never null, so NOT IN means what it says.
    DuckDB would keep the whole of what is named twice, ten times slower at 3 million rows.
    """
    table = columns(stream).values()
    names = ", ".join(f'"{column.name}"' for column in table)
    kinds = ", ".join(f"'{column.name}': {quoted(column.duck_type)}" for column in table)
    casts = ", ".join(
        f'CAST("{column.name}" AS {column.duck_type}) AS "{column.name}"' for column in table
    )
    root = Path(glob.escape(str(state)))
    l0, l1 = (quoted(root / "lake" / stream / level / "*.parquet") for level in LEVELS)
    tail = quoted(root / "journal" / stream / "*.ndjson")
    return f"""
WITH l1 AS NOT MATERIALIZED (
  SELECT {casts}, _seg FROM read_parquet({l1}, union_by_name = true)),
l0 AS NOT MATERIALIZED (
  SELECT {casts}, _seg FROM read_parquet({l0}, union_by_name = true)),
tail AS (
  SELECT {names}, parse_filename(filename, true) AS _seg
  FROM read_json({tail}, format = 'newline_delimited', columns = {{{kinds}}},
    ignore_errors = true, filename = true)
  WHERE id IS NOT NULL)
SELECT {names} FROM (
  FROM l1
  UNION ALL BY NAME FROM l0 WHERE _seg NOT IN (SELECT DISTINCT _seg FROM l1)
  UNION ALL BY NAME FROM tail WHERE _seg NOT IN (SELECT DISTINCT _seg FROM l0)
    AND _seg NOT IN (SELECT DISTINCT _seg FROM l1))"""  # noqa: S608 (our own names)


def _create_views(db: "duckdb.DuckDBPyConnection", state: Path, schema: str = "main") -> None:
    for stream in STREAMS:
        db.execute(f"CREATE VIEW {schema}.{stream} AS {view_sql(state, stream)}")


def _empties(state: Path) -> Iterator[Path]:
    """The files that keep a view's patterns from matching nothing, which DuckDB refuses."""
    for stream in STREAMS:
        yield state / "journal" / stream / "_empty.ndjson"
        yield from (state / "lake" / stream / level / "_empty.parquet" for level in LEVELS)


def _write(state: Path) -> None:
    """The empty file of every folder a view reads, newest columns first, then the views."""
    import duckdb

    with duckdb.connect(config=_CONFIG) as db:
        for stream in STREAMS:
            (folder(state, "journal", stream) / "_empty.ndjson").touch(0o600)
            typed = ", ".join(
                f'CAST(NULL AS {column.duck_type}) AS "{column.name}"'
                for column in columns(stream).values()
            )
            empty = f"SELECT {typed}, CAST(NULL AS VARCHAR) AS _seg WHERE false"
            for level in LEVELS:
                with beside(folder(state, "lake", stream, level) / "_empty.parquet") as new:
                    db.execute(f"COPY ({empty}) TO {quoted(new)} (FORMAT parquet)")
        # Made elsewhere and copied: DuckDB cannot make a database in a folder with a ? in its name.
        with TemporaryDirectory() as room, beside(state / DATABASE) as new:
            made = Path(room, DATABASE)
            db.execute(f"ATTACH {quoted(made)} AS outcomes (STORAGE_VERSION '{_STORAGE}')")
            _create_views(db, state, "outcomes.main")
            db.execute("DETACH outcomes")
            shutil.copyfile(made, new)


def _stamp(state: Path) -> str:
    """What the published file depends on: place, columns and the way they are put together."""
    text = "\n".join([_STORAGE, *(view_sql(state, stream) for stream in STREAMS)])
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


@contextmanager
def _told(state: Path) -> Iterator[None]:
    """Turns what DuckDB says of the state's files into StateFailed."""
    import duckdb

    try:
        yield
    except (duckdb.Error, UnicodeError) as error:
        raise StateFailed(
            f"DuckDB cannot use the outcomes in {state}: {error}",
            "If it names a damaged file, move that out of the folder, then try again.",
        ) from error


def quoted(value: str | Path) -> str:
    """A string or path as SQL writes it."""
    return "'" + str(value).replace("'", "''") + "'"
