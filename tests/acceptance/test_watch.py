"""`rungbook watch`: changes of specs as they are taken, mistakes as they are refused."""

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from fakes.live import Live, started, terminal
from fakes.machine import rungbook
from fakes.projects import written

GOOD = (
    "apiVersion: rungbook/v1\nkind: Model\nspecs:\n  fix: {worker: {command: [x]}, class: tool}\n"
)
OTHER = GOOD.replace("[x]", "[y]")
BAD = GOOD.replace("class", "clas")


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    return written(tmp_path / "specs", {"a.yaml": GOOD})


def heard(live: Live) -> dict[str, Any]:
    """The next line of JSON."""
    assert live.process.stdout is not None
    line: dict[str, Any] = json.loads(live.process.stdout.readline())
    return line


def test_what_programs_are_told_and_what_is_recorded(specs: Path) -> None:
    file = specs / "a.yaml"
    with started("watch", "--specs", specs, "--repo", specs, "--json") as live:
        first = heard(live)
        file.write_text(OTHER)
        second = heard(live)
        file.write_text(BAD)
        third = heard(live)
        file.write_text(GOOD)
        last = heard(live)
        live.send(signal.SIGINT)
        said = live.ended()
    assert (said.status, said.out, said.err) == (0, "", "")
    assert [r["ok"] for r in (first, second, third, last)] == [True, True, False, True]
    assert first["from_rulebook"] is None
    assert second["from_rulebook"] == first["to_rulebook"] == last["to_rulebook"]
    (changed,) = second["changed"]
    assert changed["part"] == "Model/fix"
    assert changed["before"] != changed["after"]
    assert third["to_rulebook"] is None
    (found,) = third["findings"]
    assert (found["code"], found["line"], found["col"]) == ("R101", 4, 33)
    sql = "select ok, errors, surface, len(changed) as changed from reloads order by id"
    asked = rungbook("query", sql, "--json", "--repo", specs)
    rows = [(r["ok"], r["errors"], r["surface"], r["changed"]) for r in json.loads(asked.out)]
    assert rows == [
        (True, 0, "watch", 0),
        (True, 0, "watch", 1),
        (False, 1, "watch", 0),
        (True, 0, "watch", 1),
    ]


def test_what_people_see(specs: Path) -> None:
    file = specs / "a.yaml"
    with terminal("watch", "--specs", specs, "--repo", specs) as seen:
        assert re.search(r"watching .*/specs; Ctrl-C ends it\n\d\d:\d\d:", seen.reads("rulebook "))
        book = seen.reads(": 1 spec, ")
        file.write_text(OTHER)
        assert seen.reads(" → ").endswith(f"rulebook {book}")
        assert re.search(r"ms\n  Model/fix: \w{8}$", seen.reads(" → "))
        file.write_text(BAD)
        told = seen.reads("kept the rulebook of ")
        assert "there is no key `clas` in `fix`" in told
        assert "did you mean `class`?" in told
        assert "1 error: " in told
        seen.types("\x03")
        assert seen.ended() == 0
        assert "Traceback" not in seen.seen


def test_nothing_is_in_use_before_specs_are_good(tmp_path: Path) -> None:
    specs = tmp_path / "specs"
    with started("watch", "--specs", specs, "--repo", tmp_path) as live:
        out = live.process.stdout
        assert out is not None
        lines = iter(out.readline, "")
        assert any("there is no rulebook yet" in line for line in lines)
        written(specs, {"a.yaml": GOOD})
        assert any(re.search(r"rulebook \w{8}: 1 spec", line) for line in lines)
        live.send(signal.SIGTERM)
        assert live.ended().status == 0


def test_the_folder_of_the_settings_and_the_built_in_one(specs: Path) -> None:
    for variables, count in (({"RUNGBOOK_SPECS": str(specs)}, 1), ({}, 20)):
        with started("watch", "--repo", specs, "--json", **variables) as live:
            line = heard(live)
            live.send(signal.SIGINT)
            assert live.ended().status == 0
        assert line["ok"]
        assert line["specs"] >= count


def test_a_reader_that_hangs_up_ends_it(specs: Path) -> None:
    with started("watch", "--specs", specs, "--repo", specs, "--json") as live:
        heard(live)
        assert live.process.stdout is not None
        live.process.stdout.close()
        (specs / "a.yaml").write_text(OTHER)
        assert live.process.wait(20) == 141
