"""How often a model's work was what ended a task of a type."""

from collections.abc import Mapping
from pathlib import Path

from rungbook.records import Rate
from rungbook.store.layout import segments
from rungbook.store.views import connect

_SQL = """
SELECT r.task_type, a.model,
  count(*) FILTER (r.outcome = 'pass' AND r.attempt = a.n) AS won, count(*) AS tried
FROM attempts a JOIN runs r USING (run)
WHERE a.result IN ('ok', 'unusable', 'lost')
GROUP BY ALL"""


def rates(state: Path) -> Mapping[tuple[str, str], Rate]:
    """The rate of each (task type, model); empty, and DuckDB not loaded, before the first run.

    Attempts that nobody worked on (unreachable, overflow, budget, cancelled) do not count.
    """
    if not segments(state, "runs") and not (state / "lake" / "runs").is_dir():
        return {}
    with connect(state) as db:
        found = db.execute(_SQL).fetchall()
    return {(task_type, model): Rate(won, tried) for task_type, model, won, tried in found}
