"""A change goes to the project or a branch, and back, by the command line."""

import json

import pytest

from fakes.ladders import FIX, RIGHT, WRONG, rules, shop
from fakes.live import terminal
from fakes.machine import fingerprint, rungbook
from fakes.projects import written
from fakes.repos import git


@pytest.fixture
def project(tmp_path):
    return shop(tmp_path / "shop")


def ran(project, tmp_path, *args, line=FIX):
    specs = rules(tmp_path / "specs", {"good": line})
    return rungbook("run", "Sums are wrong", "--repo", project, "--specs", specs, *args)


def test_there_and_back_by_hand(tmp_path, project):
    before = fingerprint(project)
    assert ran(project, tmp_path).status == 0
    steps = (
        ((), 0, "applied: calc.py"),
        ((), 1, "nothing to do: run "),
        (("--undo",), 0, "taken back: calc.py"),
        (("--undo",), 1, "was taken back already, 20"),
    )
    for args, status, told in steps:
        said = rungbook("apply", "last", "--repo", project, *args)
        assert (said.status, told in said.out, said.err) == (status, True, ""), said
        wanted = WRONG if args else RIGHT
        assert (project / "calc.py").read_text() == wanted
    assert fingerprint(project) == before
    why = rungbook("why", "last", "--repo", project).out.splitlines()
    assert "applied to the project by" in why[-2]
    assert "taken back by" in why[-1]
    sql = "select action, files from applies order by seq"
    rows = json.loads(rungbook("query", sql, "--json", "--repo", project).out)
    assert rows == [{"action": "apply", "files": 1}, {"action": "undo", "files": 1}]


def test_for_programs(tmp_path, project):
    ran(project, tmp_path)
    said = json.loads(rungbook("apply", "last", "--json", "--repo", project).out)
    assert (said["files"], said["before"], said["why_not"]) == (["calc.py"], False, "")
    assert said["record"]["action"] == "apply"


def test_edits_meanwhile_are_named_and_a_branch_does_not_mind(tmp_path, project):
    ran(project, tmp_path)
    written(project, {"calc.py": "mine\n"})
    said = rungbook("apply", "last", "--repo", project)
    assert (said.status, said.is_plain_error, "calc.py" in said.err) == (75, True, True), said
    assert rungbook("apply", "last", "--branch", "fix", "--repo", project).status == 0
    assert (project / "calc.py").read_text() == "mine\n"


def test_a_run_commits_to_a_branch(tmp_path, project):
    before = fingerprint(project)
    said = ran(project, tmp_path, "--branch", "fix/sums")
    assert (said.status, said.out) == (0, ""), said
    assert "committed to branch fix/sums" in said.err
    assert git(project, "show", "fix/sums:calc.py") == RIGHT.strip()
    left = {k: v for k, v in fingerprint(project).items() if k in before and v[1]}
    assert left == {k: v for k, v in before.items() if v[1]}
    again = rungbook("apply", "last", "--branch", "fix/sums", "--repo", project)
    assert (again.status, "already" in again.out) == (1, True)
    assert "committed to fix/sums" in rungbook("why", "last", "--repo", project).out


@pytest.mark.parametrize(("name", "status"), [("main", 75), ("a..b", 64), ("main/x", 75)])
def test_a_bad_branch_is_told_before_anything_runs(tmp_path, project, name, status):
    said = ran(project, tmp_path, "--branch", name)
    assert (said.status, said.is_plain_error) == (status, True), said
    assert rungbook("why", "last", "--repo", project).status == 66


def test_calls_that_make_no_sense(tmp_path, project):
    both = rungbook("apply", "last", "--undo", "--branch", "x", "--repo", project)
    none = rungbook("apply", "last", "--repo", project)
    assert [both.status, none.status] == [64, 66]
    assert both.is_plain_error
    assert none.is_plain_error
    ran(project, tmp_path)
    never = rungbook("apply", "last", "--undo", "--repo", project)
    assert (never.status, never.is_plain_error, "never applied" in never.err) == (66, True, True)


@pytest.mark.parametrize(("typed", "status"), [("yes", 0), ("no", 1)])
def test_what_runs_unasked_is_asked_on_the_terminal(tmp_path, project, typed, status):
    ran(project, tmp_path, line=f"{FIX}; echo evil > .envrc")
    said = rungbook("apply", "last", "--repo", project)
    assert (said.status, "it touches .envrc" in said.out) == (2, True), said
    assert f"= on a terminal: rungbook apply {said.out.split()[-1]}" in said.out
    with terminal("apply", "last", "--repo", project) as person:
        shown = person.reads("Apply it, although it touches .envrc? Type yes or no: ")
        assert "+evil" in shown
        person.types(f"{typed}\n")
        assert person.ended() == status
    assert (project / ".envrc").exists() == (typed == "yes")
