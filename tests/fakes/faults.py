"""Runs whose models stand behind servers that fail in every way, and what must hold after them."""

import json
import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fakes.ladders import WRONG, rules, shop
from fakes.live import holding, left_in, state
from fakes.machine import Said, rungbook
from fakes.servers import FAULTS, Says, Server
from rungbook.records import RunRecord
from rungbook.store.reading import read, run_ids, spent

MARK = f"a-mark-that-no-other-process-has-{os.getpid()}"

PRICE = {"input": 1.0, "output": 10.0}
"""USD per million tokens of those that cost."""

DAY_USD, TASK_USD = 0.3, 0.06


def edit(line: str) -> str:
    """An answer that writes another line into the project's function."""
    before = WRONG.splitlines()[1]
    return f"calc.py\n<<<<<<< SEARCH\n{before}\n=======\n    {line}\n>>>>>>> REPLACE\n"


GOOD = Says(edit("return a + b"), usage=(900, 40))
BAD = Says(edit("return a * b + 1"), usage=(900, 40))
NO_EDIT = Says("I would add the numbers.", usage=(900, 12))
YES = Says(json.dumps({"reasoning": "It adds.", "meets": True, "confidence": 0.95}))
NO = Says(json.dumps({"reasoning": "It multiplies.", "meets": False, "confidence": 0.9}))


def chat(protocol: str, name: str, *, paid: bool = False, **more: Any) -> dict[str, Any]:
    """The spec of a chat model of the servers here."""
    host = {"openai-compatible": "lmstudio", "ollama": "ollama"}[protocol]
    price = {"price": PRICE, "output_tokens": 1000} if paid else {}
    provider = {"type": protocol, "host": host, "id": name}
    size = {"input_tokens": 4000, "context_tokens": 8000, "timeout": {"seconds": 3}}
    return {"provider": provider, **size, **price, **more}


MODELS = {
    "swift": chat("openai-compatible", "swift"),
    "local": chat("ollama", "local"),
    "dear": chat("openai-compatible", "dear", paid=True, tier=2),
    "judge": chat("ollama", "judge", tier=3, price=PRICE, output_tokens=200),
}

RUNGS = (
    {"name": "race", "race": ["swift", "local"], "attempts": 2},
    {"name": "dear", "model": "dear", "attempts": 2},
)

FREELY = {"above": {"usd": 100}}


def ladder(folder: Path) -> Path:
    """Rules of two free models that race, a paid one, and a paid judge."""
    budget = {"per_task": {"usd": TASK_USD, "seconds": 60}, "per_day": {"usd": DAY_USD}}
    return rules(
        folder,
        MODELS,
        RUNGS,
        verify=("tests", "meets"),
        checker="judge",
        confirm=FREELY,
        budget=budget,
    )


@contextmanager
def faulty(seed: int, answers: int = 2000) -> Iterator[Server]:
    """A server whose models answer well, wrongly, or not as a server should, by chance."""
    chance = random.Random(seed)  # noqa: S311
    faults = [said for kind in FAULTS.values() for said in kind if said.wait or said != Says()]
    with Server() as server:
        for name in MODELS:
            well = (YES, YES, NO) if name == "judge" else (GOOD, BAD, NO_EDIT)
            drawn = [chance.choice((*well, chance.choice(faults))) for _ in range(answers)]
            server.says(name, drawn)
        yield server


def hosts(server: Server) -> dict[str, str]:
    """The environment in which rungbook finds the server."""
    return {
        "RUNGBOOK_HOSTS__LMSTUDIO__URL": server.openai_url,
        "RUNGBOOK_HOSTS__OLLAMA__URL": server.ollama_url,
    }


def run_many(project: Path, specs: Path, server: Server, runs: int, at_once: int) -> list[Said]:
    """So many runs of one project, each a process of its own."""
    args = ("run", "Sums are wrong in calc.py", "--repo", project, "--specs", specs)
    variables = {**hosts(server), "MARK": MARK}

    def one(_: int) -> Said:
        return rungbook(*args, seconds=300, **variables)

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(one, range(runs)))


@dataclass(frozen=True, slots=True)
class Result:
    """What came of many runs."""

    said: list[Said]
    ends: list[RunRecord]
    spent_usd: float
    requests: int


def survive(folder: Path, runs: int, at_once: int, seed: int = 1) -> Result:
    """Runs over a faulty server; AssertionError where something is left or overspent."""
    project, specs = shop(folder / "shop"), ladder(folder / "specs")
    with faulty(seed) as server:
        said = run_many(project, specs, server, runs, at_once)
        server.idle()
        requests = len(server.seen())
    kept = state(project)
    ends = [r for run in run_ids(kept) for r in read(kept, run) if isinstance(r, RunRecord)]
    assert [s for s in said if s.status not in (0, 1, 2, 3)] == []
    assert len(ends) == len(run_ids(kept)) == runs
    assert {end.outcome for end in ends} <= {"pass", "skip", "review"}
    assert left_in(project) == []
    assert holding(MARK) == []
    assert list(Path(os.environ["TMPDIR"]).iterdir()) == []
    assert (project / "calc.py").read_text() == WRONG
    days = {f"{end.ts:%Y-%m-%d}" for end in ends}
    usd = [spent(kept, day) for day in days]
    assert max(usd) <= DAY_USD + 1e-9
    assert max(end.usd for end in ends) <= TASK_USD + 1e-9
    return Result(said, ends, sum(usd), requests)
