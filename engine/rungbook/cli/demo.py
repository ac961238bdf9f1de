"""`rungbook demo`: the main job on broken example projects, in a folder of its own."""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rungbook.cli import arguments

if TYPE_CHECKING:
    from rungbook.cli.demo_rules import Rules


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("--keep", action="store_true", help="keep the folder, to look around in it")


@dataclass(frozen=True, slots=True)
class Decliner:
    """Says no to every rung that costs money: a demo spends nothing."""

    async def ask(self, question: Any) -> Any:
        """Always no."""
        from rungbook.ports import Reply

        return Reply(False, "demo", "policy", "the demo declines paid rungs")


def run(given: argparse.Namespace) -> int:
    """0, unless something does not work that must."""
    import anyio

    return anyio.run(_demo, given.keep)


async def _demo(keep: bool) -> int:
    from rungbook.cli.demo_rules import Rules, local_model

    found = await local_model()
    with _folder(keep=keep) as home:
        _say("rungbook demo: broken projects and a ladder whose first rung is a linter.")
        _say(f"Everything happens in {home}; nothing else is touched, and nothing is spent.")
        rules = Rules(home / "rules", _say)
        if found:
            rules.use(found)
            _say(f"The next rung is {found.id}, which answers at {found.url}.\n")
        else:
            _say("No LM Studio and no Ollama answers here, so the rungs above find nobody.\n")
        state = home / "state"
        ended = await _climb(home, rules.specs, state)
        _summary(ended, found.id if found else None)
        _heading("why: one run told again from its records")
        _why(home, state, ended)
        _heading("a rule is a file in git: changed while it is used, broken, taken back")
        fine = await _reload(rules, home, state)
        _heading("outcomes: the same DuckDB views that `rungbook query` asks")
        _analytics(state)
        if keep:
            _say(f"\nkept: {home}")
    return 0 if fine and any(e.end and e.end.proved for _, e in ended) else 1


@contextmanager
def _folder(*, keep: bool) -> Iterator[Path]:
    """A folder that stands in for HOME and the XDG folders, so that nothing outside changes."""
    home = Path(tempfile.mkdtemp(prefix="rungbook-demo-")).resolve()
    names = ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update({name: str(home / "home") for name in names})
    (home / "home").mkdir()
    try:
        yield home
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        if not keep:
            shutil.rmtree(home, ignore_errors=True)


def _say(text: str = "") -> None:
    print(text, flush=True)


def _heading(text: str) -> None:
    bold = ("\033[1m", "\033[0m") if arguments.colour() else ("", "")
    _say(f"\n{bold[0]}── {text} {'─' * max(0, 76 - len(text))}{bold[1]}")


async def _climb(home: Path, specs: Path, state: Path) -> "list[tuple[str, Any]]":
    """Every broken project up its ladder, one after the other."""
    import anyio

    from rungbook import paths
    from rungbook.cli.progress import Progress
    from rungbook.runtime import engine

    broken = paths.data("datasets") / "broken"
    tasks = json.loads((broken / "index.json").read_text("utf-8"))["tasks"]
    ended = []
    node = await _node()
    for task in tasks:
        if _version(task.get("node", "0")) > node:
            _heading(task["name"])
            _say(f"left out: its tests need node {task['node']}")
            continue
        repo = _project(broken / task["name"], home / "projects" / task["name"])
        _heading(task["name"])
        _say(f"task: {task['task']}")
        progress = Progress(out=sys.stdout)
        request = engine.Request(
            task["task"], repo, specs=specs, state=state, surface="demo", apply=True
        )
        one = await engine.solve(
            request, Decliner(), progress.tell, anyio.Event(), told=progress.begun
        )
        progress.ended(one)
        if one.diff:
            _say(one.diff.rstrip())
        elif one.end and one.end.because == "declined":
            _say("nobody here could repair it, and paid models are declined")
        ended.append((task["name"], one))
    return ended


async def _node() -> tuple[int, ...]:
    """The version of node here; nothing where there is none."""
    from rungbook.process import Box, Limits, run

    here = Path.cwd()
    exit = await run(("node", "--version"), Box(here, here, isolation="none"), Limits(seconds=10))
    return _version(exit.output) if exit.status == 0 else (0,)


def _version(said: str) -> tuple[int, ...]:
    return tuple(int(part) for part in said.strip().lstrip("v").split(".") if part.isdigit())


def _summary(ended: "list[tuple[str, Any]]", model: str | None) -> None:
    """Who was repaired, and by whom, and who waits for another model."""
    proved = {n: one.record.worker for n, one in ended if one.end and one.end.proved}
    linter = [name for name, worker in proved.items() if worker == "ruff-fix"]
    left = {n: one.end.outcome for n, one in ended if one.end and n not in proved}
    skipped = [name for name, outcome in left.items() if outcome == "skip"]
    reviews = [name for name, outcome in left.items() if outcome == "review"]
    _heading("so far")
    _say(f"repaired and proved by the linter rung: {', '.join(linter)}")
    if model:
        by_model = [name for name in proved if name not in linter]
        _say(f"repaired and proved by {model}: {', '.join(by_model) or 'none'}")
    _say(f"skipped, for want of a {'better ' if model else ''}model: {', '.join(skipped)}")
    _say(f"left for a person, as critical tasks are: {', '.join(reviews)}")


def _project(source: Path, target: Path) -> Path:
    """A copy of a broken project, committed, as its owner would have it."""
    from rungbook import git

    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    own = git.Git(git.init(target, bare=False).folder, target)
    own("add", "-A")
    own("commit", "-q", "-m", "As it is")
    return target


def _why(home: Path, state: Path, ended: "list[tuple[str, Any]]") -> None:
    from rungbook.cli.why import as_text
    from rungbook.runtime import engine

    name, one = next((e for e in ended if e[1].end and e[1].end.proved), ended[0])
    _say(f"$ rungbook why {one.run}")
    _say(as_text(*engine.why(one.run, home / "projects" / name, state=state)))


_QUESTIONS = (
    (
        "select task_type, outcome, because, proved, count(*) tasks, "
        "round(avg(latency_ms)) avg_ms, sum(usd) usd from runs group by all order by tasks desc"
    ),
    (
        "select model, result, count(*) attempts, round(avg(latency_ms)) avg_ms "
        "from attempts group by all order by attempts desc"
    ),
    "select ok, errors, len(changed) parts, round(ms, 1) ms from reloads order by ts",
)


def _analytics(state: Path) -> None:
    from rungbook.render.text import table
    from rungbook.store.query import query

    for sql in _QUESTIONS:
        _say(f'$ rungbook query "{sql}"')
        answer = query(state, sql)
        _say(table(answer.columns, answer.rows, None) + "\n")


async def _reload(rules: "Rules", home: Path, state: Path) -> bool:
    """The specs while they are watched, as by `rungbook watch`."""
    import anyio

    from rungbook.cli.watch import as_text
    from rungbook.runtime.live import Live, Reload
    from rungbook.store.journal import Journal

    heard: list[Reload] = []

    def told(reload: Reload) -> None:
        heard.append(reload)
        as_text(reload)

    with Journal(state) as journal:
        live = Live(rules.specs, journal, told, project=home, surface="demo")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(live.run)
            fine = await rules.reload(live, heard)
            tasks.cancel_scope.cancel()
    return fine
