"""`rungbook query`: ask the recorded outcomes in SQL."""

import argparse
import sys
from typing import Literal

from rungbook.cli import arguments


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("sql", help='one SELECT: "select worker, count(*) from runs group by 1"')
    forms = ["table", "json", "csv", "parquet"]
    parser.add_argument("--format", choices=forms, default="table", help="how to say it")
    arguments.json(parser)
    arguments.repo(parser)


def run(given: argparse.Namespace) -> int:
    """Always 0; SQL that does not run is an error."""
    import shutil

    from rungbook import paths
    from rungbook.render.text import table
    from rungbook.store.query import export, query

    state = paths.state(given.repo.resolve())
    form: Literal["table", "json", "csv", "parquet"] = "json" if given.json else given.format
    if form != "table":
        export(state, given.sql, form, sys.stdout.buffer)
        return 0
    answer = query(state, given.sql)
    width = shutil.get_terminal_size((120, 24)).columns if sys.stdout.isatty() else None
    print(table(answer.columns, answer.rows, width))
    print(f"{len(answer.rows)} row" + ("" if len(answer.rows) == 1 else "s"))
    return 0
