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
from typing import Any

from rungbook.cli import arguments


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

    with _folder(keep=given.keep) as home:
        _say("rungbook demo: broken projects and a ladder whose first rung is a linter.")
        _say(f"Everything happens in {home}; nothing else is touched, and nothing is spent.\n")
        state = home / "state"
        ended = anyio.run(_climb, home, state)
        _summary(ended)
        _heading("why: one run told again from its records")
        _why(home, state, ended)
        _heading("outcomes: the same DuckDB views that `rungbook query` asks")
        _analytics(state)
        _heading("a rule is a file in git: broken, found, taken back")
        fine = _revert(home)
        if given.keep:
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


async def _climb(home: Path, state: Path) -> "list[tuple[str, Any]]":
    """Every broken project up its ladder, one after the other."""
    import anyio

    from rungbook import paths
    from rungbook.cli.progress import Progress
    from rungbook.runtime import engine

    broken = paths.data("datasets") / "broken"
    tasks = json.loads((broken / "index.json").read_text("utf-8"))["tasks"]
    ended = []
    for task in tasks:
        repo = _project(broken / task["name"], home / "projects" / task["name"])
        _heading(task["name"])
        _say(f"task: {task['task']}")
        progress = Progress(out=sys.stdout)
        request = engine.Request(task["task"], repo, state=state, surface="demo", apply=True)
        one = await engine.solve(
            request, Decliner(), progress.tell, anyio.Event(), told=progress.begun
        )
        progress.ended(one)
        if one.diff:
            _say(one.diff.rstrip())
        elif one.end and one.end.because == "declined":
            _say("this one needs a model: the linter cannot repair it, paid models are declined")
        ended.append((task["name"], one))
    return ended


def _summary(ended: "list[tuple[str, Any]]") -> None:
    """Who was repaired, and who waits for a model."""
    proved = [name for name, one in ended if one.end and one.end.proved]
    others = [name for name, one in ended if name not in proved]
    _heading("so far")
    _say(f"repaired and proved by the linter rung: {', '.join(proved)}")
    _say(f"skipped, for want of a model: {', '.join(others)}")


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
)


def _analytics(state: Path) -> None:
    from rungbook.render.text import table
    from rungbook.store.query import query

    for sql in _QUESTIONS:
        _say(f'$ rungbook query "{sql}"')
        answer = query(state, sql)
        _say(table(answer.columns, answer.rows, None) + "\n")


def _revert(home: Path) -> bool:
    """Break a spec, see it found, take it back with git."""
    from rungbook import git, paths
    from rungbook.render.findings import as_text
    from rungbook.runtime import specs

    rules = home / "rules" / "specs"
    shutil.copytree(paths.data("specs"), rules)
    own = git.Git(git.init(rules.parent, bare=False).folder, rules.parent)
    own("add", "-A")
    own("commit", "-q", "-m", "The built-in rules")
    ladders = rules / "escalation-matrix" / "ladders.yaml"
    text = ladders.read_text("utf-8")
    ladders.write_text(text.replace("model: haiku", "model: haikku", 1), "utf-8")
    own("commit", "-q", "-a", "-m", "Prefer haikku")
    _say("$ sed -i 's/model: haiku/model: haikku/' … && git commit -a && rungbook check specs")
    broken = specs.check([rules])
    _say(as_text(broken.findings))
    own("revert", "--no-edit", "HEAD")
    _say("$ git revert --no-edit HEAD && rungbook check specs")
    mended = specs.check([rules])
    _say(f"{len(mended.entries)} specs read, {len(mended.findings)} errors")
    return bool(broken.findings) and mended.rulebook is not None
