"""Outcomes: records appended to journal segments, read back whole or through DuckDB views.

- `journal` writes, `reading` reads records back; neither loads DuckDB.
- `views` makes the in-memory database and `outcomes.duckdb`; `query` and `rates` ask it.
- `layout` names the folders, `codec` the bytes of a record, `ulid` its id, `disk` makes durable.
"""
