"""The demo, as a newcomer sees it: what it shows, and that it leaves nothing behind."""

import json
import re
import time
from pathlib import Path

import pytest

from fakes.machine import fingerprint, rungbook
from fakes.projects import written
from fakes.servers import Says, Server
from rungbook import paths

MOST_SECONDS = 60


@pytest.mark.parametrize("level", ["", pytest.param("none", marks=pytest.mark.slow)])
def test_the_demo(level: str, own_machine: Path) -> None:
    written(own_machine / "home", {".gitconfig": "[commit]\n\tgpgsign = true\n", ".bashrc": ""})
    before, data = fingerprint(own_machine), fingerprint(paths.data("datasets"))
    began = time.monotonic()
    said = rungbook("demo", seconds=2 * MOST_SECONDS, RUNGBOOK_ISOLATION=level)
    assert time.monotonic() - began < MOST_SECONDS
    assert said.status == 0, said
    assert fingerprint(own_machine) == before
    assert fingerprint(paths.data("datasets")) == data
    shows(said.out)


PAGING = """\
paging/page.py
<<<<<<< SEARCH
        return self.total // self.size + 1
=======
        return max(1, -(-self.total // self.size))
>>>>>>> REPLACE
"""


@pytest.mark.slow
def test_a_model_that_answers_on_this_machine_works_too(own_machine: Path) -> None:
    with Server() as server:
        server.has({"text-embedding": 512, "toy-coder": 32768})
        server.says("toy-coder", [Says(PAGING)])
        host = {"RUNGBOOK_HOSTS__LMSTUDIO__URL": server.openai_url}
        said = rungbook("demo", seconds=2 * MOST_SECONDS, **host)
    assert said.status == 0, said
    assert "The next rung is toy-coder" in said.out
    assert listed(said.out, "repaired and proved by toy-coder") == ["paging"]
    assert "paging" not in listed(said.out, "skipped, for want of a better model")


def shows(out: str) -> None:
    """That the whole main job is told, and every task accounted for."""
    index = json.loads((paths.data("datasets") / "broken" / "index.json").read_text())
    tasks = [task["name"] for task in index["tasks"]]
    assert len(tasks) >= 6
    assert all(f"── {name} ──" in out for name in tasks)
    repaired = listed(out, "repaired and proved by the linter rung")
    skipped = listed(out, "skipped, for want of a model")
    critical = listed(out, "left for a person, as critical tasks are")
    assert len(repaired) >= 2
    left_out = re.findall(r"── (\w+) ──.*\nleft out: its tests need node", out)
    assert sorted(repaired + skipped + critical + left_out) == sorted(tasks)
    assert {task["name"] for task in index["tasks"] if "node" in task} >= set(left_out)
    assert out.count("skip: declined, $0") == len(skipped)
    assert out.count("review: declined, $0") == len(critical)
    assert out.count("pass: proved, $0") == len(repaired)
    assert re.search(r"check +tests: pass .*\n.*end .*proved yes", out), "why"
    assert re.search(rf"standard-development +pass +passed +True +{len(repaired)}\b", out), "sql"
    assert "error: there is no Model `haikku`" in out
    assert "did you mean `haiku`?" in out
    assert re.search(r"1 error: kept the rulebook of \d\d:\d\d:\d\d\n", out)
    assert "as before, nothing that decides has changed" in out
    assert "\x1b" not in out


def listed(out: str, title: str) -> list[str]:
    """The names on a line."""
    found = re.search(rf"^{title}: (.+)$", out, re.MULTILINE)
    assert found
    return found[1].split(", ")


def test_a_run_writes_only_outcomes(own_machine: Path, tmp_path: Path) -> None:
    project = written(tmp_path / "project", {"a.py": "x = 1\n"})
    written(own_machine / "home", {".gitconfig": "", ".config/other/settings": "kept"})
    before = fingerprint(own_machine), fingerprint(project)
    rungbook("run", "Fix a typo", cwd=project)
    outcomes = "home/.local/state/rungbook"
    now = fingerprint(own_machine)
    kept = {path: what for path, what in now.items() if not path.startswith(outcomes)}
    assert (kept, fingerprint(project)) == before
    [state] = (own_machine / outcomes).iterdir()
    assert now[f"{outcomes}/{state.name}"][0] == "drwx------"
