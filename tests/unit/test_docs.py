"""The documentation says what is so: pages, links, examples, codes and the walk-through."""

import ast
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from runpy import run_path
from types import FrameType

import pytest

from rungbook.codes import CODES
from rungbook.errors import UserError
from rungbook.runtime import specs
from rungbook.store.query import query
from rungbook.testing import runner

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / "engine" / "rungbook"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
SET_UP = ["pip install uv && uv run rungbook demo", "pip install uv && uv run pytest"]
CODE = re.compile(r"R\d{3}")
"""In the catalogue, and told only once `rungbook test` counts which rows its tests reach."""


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.S | re.M)


def relative(page: Path) -> str:
    return str(page.relative_to(ROOT))


def test_the_reference_is_what_the_code_would_write() -> None:
    pages = run_path(str(ROOT / "docs" / "write.py"))["rendered"]()
    stale = [relative(p) for p, text in pages.items() if not p.exists() or p.read_text() != text]
    assert not stale, "run: uv run python docs/write.py"
    assert set((ROOT / "docs" / "reference").iterdir()) == set(pages)


def test_the_readme_is_short_and_has_two_set_up_commands() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    installs = [b.strip() for b in blocks(ROOT / "README.md", "sh") if "install" in b]
    assert installs == SET_UP
    assert len(text.splitlines()) <= 150


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.S | re.M)
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_spec_examples_compile_and_pass_their_tests(page: Path, tmp_path: Path) -> None:
    for i, block in enumerate(b for b in blocks(page, "yaml") if b.startswith("apiVersion")):
        file = tmp_path / f"{i}.yaml"
        file.write_text(block, "utf-8")
        loaded = specs.check([file])
        assert not loaded.findings
        assert not [r for r in runner.run(loaded) if r.wrong]


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_sql_examples_run(page: Path, tmp_path: Path) -> None:
    for sql in blocks(page, "sql"):
        assert query(tmp_path, sql).columns


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_codes_and_modules_that_are_named_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    known = {*CODES, *(kind.code for kind in UserError.__subclasses__())}
    assert set(re.findall(r"`([RE]\d{3})`", text)) <= known
    named = re.findall(r"`([\w/.-]+/[\w.-]+\.(?:py|json))`", text)
    places = (ROOT, ENGINE, ROOT / "engine")
    assert not [n for n in named if not any((place / n).exists() for place in places)]


def test_every_finding_that_is_raised_is_in_the_catalogue_and_no_other() -> None:
    raised: set[str] = set()
    for file in ENGINE.rglob("*.py"):
        if file.name != "codes.py":
            nodes = ast.walk(ast.parse(file.read_text("utf-8")))
            texts = (n.value for n in nodes if isinstance(n, ast.Constant))
            raised |= {t for t in texts if isinstance(t, str) and CODE.fullmatch(t)}
    assert raised == set(CODES)


def test_decisions_are_numbered_and_complete() -> None:
    decisions = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [d.name[:4] for d in decisions] == [f"{i:04}" for i in range(1, len(decisions) + 1)]
    for decision in decisions:
        headings = re.findall(r"^## (.+)$", decision.read_text("utf-8"), re.M)
        assert headings == ["Context", "Decision", "Consequences"], decision.name
        assert decision.read_text("utf-8").startswith(f"# {decision.name[:4]}: ")


def test_the_walk_through_takes_no_step_back(tmp_path: Path) -> None:
    """Nothing that is named later is done with before what is named earlier begins."""
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    steps = re.findall(r"^\d+\. `rungbook/([\w/]+\.py)`", page, re.M)
    assert len(steps) == len(set(steps)) > 30
    # In a process of its own, where nothing has been loaded or cached before.
    argv = [sys.executable, __file__, str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    first, last = json.loads(done.stdout.splitlines()[-1])
    assert not [step for step in steps if step not in first]
    assert not [
        (earlier, later)
        for i, earlier in enumerate(steps)
        for later in steps[i + 1 :]
        if last[later] < first[earlier]
    ]


def entered(folder: Path) -> tuple[dict[str, int], dict[str, int]]:
    """When the functions of each module were first and last entered in a run and a query."""
    from rungbook.cli import main

    (folder / "tests").mkdir()
    (folder / "bug.py").write_text("def is_done(x):\n    return x is 'done'\n")
    (folder / "tests" / "test_bug.py").write_text(
        "import unittest\nfrom bug import is_done\n\n\nclass T(unittest.TestCase):\n"
        "    def test_done(self):\n        self.assertTrue(is_done(''.join(['do', 'ne'])))\n"
    )
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    root, clock = f"{ENGINE}{os.sep}", iter(range(sys.maxsize))

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(root) and code.co_name[0] not in "<_":
            name = code.co_filename.removeprefix(root)
            last[name] = next(clock)
            first.setdefault(name, last[name])

    threading.setprofile(note)
    sys.setprofile(note)
    statuses = [
        main(["run", "bug.py fails", "--repo", str(folder), "--apply"]),
        main(["query", "from runs", "--repo", str(folder)]),
    ]
    sys.setprofile(None)
    assert statuses == [0, 0]
    return first, last


if __name__ == "__main__":
    os.environ["XDG_STATE_HOME"] = str(Path(sys.argv[1]) / "state")
    (project := Path(sys.argv[1]) / "project").mkdir()
    print(json.dumps(entered(project)))
