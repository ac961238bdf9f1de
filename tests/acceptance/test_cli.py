"""The command line as users and their scripts meet it: what it says, how it ends."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from fakes.live import until
from fakes.machine import RUNGBOOK, Said, rungbook
from fakes.outcomes import climbed, kept
from fakes.projects import written
from rungbook.cli import COMMANDS, main
from rungbook.process import isolated

MODEL = "apiVersion: rungbook/v1\nkind: Model\nspecs:\n  fix:\n    worker: {command: [ruff]}\n"
GOOD = f"{MODEL}    class: tool\n"
RUN = "01KEPT0RVN0000000000000001"

Called = Callable[[str, Path], Said]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one recorded run in its own state folder."""
    project = tmp_path_factory.mktemp("told")
    kept(project / ".rungbook" / "state", climbed(RUN))
    return project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return written(tmp_path, {"project/a.py": "x = 1\n", "outside.py": ""}) / "project"


@pytest.fixture
def called(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Called:
    """Calls a command of the line in this process, from a folder."""

    def call(line: str, cwd: Path) -> Said:
        monkeypatch.chdir(cwd)
        try:
            status = main(shlex.split(line))
        except SystemExit as e:  # argparse, after it has helped
            status = int(e.code or 0)
        return Said(status, *capsys.readouterr())

    return call


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help(command: str, called: Called, tmp_path: Path) -> None:
    said = called(f"{command} --help", tmp_path)
    assert said.status == 0
    assert said.out.startswith(f"usage: rungbook {command}".rstrip())
    assert not said.err


def test_help_names_every_command_and_version() -> None:
    said = rungbook()
    assert said.status == 0
    assert all(f"    {name} " in said.out for name in COMMANDS)
    assert rungbook("--version").out.startswith("rungbook 0.")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ("nonsense", 64),
        ("run", 64),
        ("run x --resume y", 64),
        ("run x --nonsense", 64),
        ("run ''", 64),
        ("run x --test ''", 64),
        ("""run x --test "it's" """, 64),
        ("run x --type nonsense", 64),
        ("run x --files nowhere.py", 66),
        ("run x --files ../outside.py", 66),
        ("run x --branch fix", 64),
        ("check --format xml", 64),
        ("classify", 64),
        ("classify x --matrix nonsense", 66),
        ("classify x --specs nowhere", 66),
        ("check nowhere", 66),
        ("test nowhere", 66),
        ("why last", 66),
        ("why 01ARZ3NDEKTSV4RRFFQ69G5FAV", 66),
        ("run --resume last", 66),
        ("review 01ARZ3NDEKTSV4RRFFQ69G5FAV", 66),
        ("query ''", 65),
        ("query 'select 1; select 2'", 65),
        ("""query "copy (select 1) to 'x'" """, 65),
    ],
)
def test_mistakes_are_one_plain_error(
    arguments: str, status: int, project: Path, called: Called
) -> None:
    said = called(arguments, project)
    assert said.is_plain_error, said
    assert said.status == status


@pytest.mark.parametrize("repo", ["nowhere", "file"])
@pytest.mark.parametrize(
    "command", ["run x", "classify x", "review", "why last", "query 'FROM runs'"]
)
def test_a_project_is_a_folder(command: str, repo: str, tmp_path: Path, called: Called) -> None:
    written(tmp_path, {"file": ""})
    said = called(f"{command} --repo {repo}", tmp_path)
    assert said.is_plain_error, said
    assert said.status == 66


def test_an_output_that_cannot_be_written_is_said(project: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        call = [*RUNGBOOK, "check"]
        done = subprocess.run(call, stdout=full, stderr=subprocess.PIPE, text=True, cwd=project)
    assert (done.returncode, done.stderr.count("\n")) == (74, 2)
    assert done.stderr.startswith("rungbook: error[E203]: the output: ")


def test_an_isolation_that_there_is_not(project: Path) -> None:
    said = rungbook("run", "x", cwd=project, RUNGBOOK_ISOLATION="jail")
    assert (said.status, said.is_plain_error) == (64, True)


def test_the_place_of_a_mistake_in_sql_is_shown(told: Path) -> None:
    said = rungbook("query", "selec 1", "--repo", told)
    assert said.status == 65
    assert said.err.startswith("rungbook: error[E103]: ")
    assert "LINE 1: selec 1\n        ^" in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    "task",
    [
        "\x01\x1b[31mred\nlines",
        pytest.param("🎉" * 2500, marks=pytest.mark.slow),
        pytest.param("x" * 10_000, marks=pytest.mark.slow),
        pytest.param("--help -x", marks=pytest.mark.slow),
        "{task} {files}",
        pytest.param(b"\xff\xfe a", marks=pytest.mark.slow),
    ],
    ids=["control", "emoji", "long", "dashes", "placeholders", "not-utf-8"],
)
def test_any_text_is_a_task(task: str | bytes, project: Path) -> None:
    """NUL aside, which no argument of a process can hold."""
    given = os.fsdecode(task)
    said = rungbook("classify", "--json", "--", given, cwd=project)
    assert said.status == 0, said
    said = rungbook("run", "--type", "quick-edit", "--", given, cwd=project)
    assert said.status in (1, 2), said
    assert "Traceback" not in said.err
    assert "\x1b" not in said.err


def test_a_state_folder_that_cannot_be(project: Path) -> None:
    said = rungbook("run", "x", cwd=project, XDG_STATE_HOME="/dev/null/x")
    assert said.is_plain_error, said
    assert said.status == 74


def without_privileges(*binds: str | Path) -> list[str]:
    """The start of a command in which root too must ask for permission."""
    if isolated() != "bubblewrap":
        pytest.skip("bubblewrap does not work here")
    words = ["bwrap", "--dev-bind", "/", "/", "--cap-drop", "ALL"]
    return [*words, *(str(word) for path in binds for word in ("--ro-bind", path, path)), "--"]


@pytest.mark.parametrize("command", ["run x", "query 'FROM runs'"])
def test_a_state_folder_that_is_read_only(command: str, project: Path) -> None:
    under = without_privileges(os.environ["XDG_STATE_HOME"])
    said = rungbook(*shlex.split(command), cwd=project, under=under)
    assert said.is_plain_error, said
    assert said.status == 74


@pytest.mark.parametrize("unreadable", ["specs", "specs/a.yaml"])
def test_specs_that_cannot_be_read(unreadable: str, tmp_path: Path) -> None:
    specs = written(tmp_path / "specs", {"a.yaml": GOOD})
    (tmp_path / unreadable).chmod(0)
    try:
        checked = rungbook("check", specs, under=without_privileges())
        said = rungbook("classify", "x", "--specs", specs, under=without_privileges())
    finally:
        (tmp_path / unreadable).chmod(0o700)
    assert checked.status == 1
    assert f"{tmp_path / unreadable}:1:1: error: Permission denied" in checked.out
    assert said.is_plain_error, said
    assert said.status == 65


def test_check(tmp_path: Path) -> None:
    good = written(tmp_path / "good", {"model/a.yaml": GOOD})
    bad = written(tmp_path / "bad", {"model/a.yaml": f"{MODEL}    clas: tool\n"})
    assert rungbook("check").status == 0
    assert rungbook("check", good).out == "1 specs read, 0 errors, 0 warnings\n"
    said = rungbook("check", good, bad / "model" / "a.yaml", "--format", "json")
    assert said.status == 1
    wrong = [f for f in json.loads(said.out)["findings"] if "clas" in f["message"]]
    assert [(f["path"], f["line"], f["col"]) for f in wrong] == [(f"{bad}/model/a.yaml", 6, 5)]
    assert set(wrong[0]) >= {"code", "severity", "path", "line", "col", "message", "hint"}
    said = rungbook("check", bad)
    assert said.status == 1
    assert "did you mean `class`?" in said.out


def test_test(tmp_path: Path) -> None:
    said = rungbook("test")
    assert said.status == 0
    assert said.out.endswith(" passed, 0 failed\n")
    spec = "apiVersion: rungbook/v1\nkind: Validator\nspecs:\n  lint:\n    check: {command: "
    spec += "{run: [ruff]}}\n    confidence: 0.5\n    timeout: {seconds: 5}\n    tests:\n"
    for verdict, status in (("pass", 0), ("fail", 1)):
        test = f"      - {{given: {{exit: 0}}, expect: {verdict}}}\n"
        specs = written(tmp_path, {"a.yaml": spec + test})
        said = rungbook("test", specs, "--json")
        assert said.status == status, said
        assert [t["passed"] for t in json.loads(said.out)["tests"]] == [status == 0]


def test_classify() -> None:
    said = rungbook("classify", "Fix the crash when the list is empty", "--json")
    seen = json.loads(said.out)
    assert {"type", "complexity", "confidence", "features"} <= set(seen)
    assert seen["type"] == "standard-development"
    said = rungbook("classify", "Fix the SQL injection in login")
    assert said.out.startswith("type        critical\n")


def test_why(project: Path) -> None:
    rungbook("run", "Fix a typo", cwd=project)
    told = json.loads(rungbook("why", "last", "--json", cwd=project).out)
    run = told["run"]
    assert told["lines"]
    assert told["records"][0]["description"] == "Fix a typo"
    for key in ("last", run, run[:6].lower()):
        said = rungbook("why", key, cwd=project)
        assert said.status == 0, said
        assert said.out.startswith(f"run {run}, ")


def test_query_formats(told: Path, tmp_path: Path) -> None:
    sql = "select worker, count(*) as n from runs group by all"
    assert rungbook("query", sql, "--repo", told).out == "worker  n\n------  -\nhaiku   1\n1 row\n"
    assert json.loads(rungbook("query", sql, "--repo", told, "--json").out) == [
        {"worker": "haiku", "n": 1}
    ]
    assert rungbook("query", sql, "--repo", told, "--format", "csv").out == "worker,n\nhaiku,1\n"
    given = [*RUNGBOOK, "query", sql, "--repo", str(told), "--format", "parquet"]
    (tmp_path / "out.parquet").write_bytes(subprocess.check_output(given))
    found = duckdb.sql(f"from '{tmp_path / 'out.parquet'}'").fetchall()
    assert found == [("haiku", 1)]


def test_a_plain_duckdb_shell_sees_the_same(project: Path) -> None:
    rungbook("run", "Fix a typo", cwd=project)
    [database] = Path(os.environ["XDG_STATE_HOME"]).glob("rungbook/*/outcomes.duckdb")
    with duckdb.connect(str(database), read_only=True) as db:
        assert db.sql("select description from plans").fetchall() == [("Fix a typo",)]


@pytest.mark.parametrize(
    "command",
    ["query 'from range(300000)'", "query --format csv 'from range(3000000)'", "check", "--help"],
)
def test_a_reader_may_hang_up(command: str, told: Path) -> None:
    line = f"{shlex.join(RUNGBOOK)} {command} | head -n 1"
    done = subprocess.run(["sh", "-c", line], cwd=told, capture_output=True, timeout=60)
    assert done.stdout.count(b"\n") == 1
    assert not done.stderr


@pytest.fixture
def interruptible() -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("form", ["table", "csv"])
def test_a_query_can_be_interrupted(
    form: str, told: Path, interruptible: list[subprocess.Popen[bytes]]
) -> None:
    sql = "select count(*) from range(1000000000000) t(i) where i % 7 = 3"
    given = [*RUNGBOOK, "query", sql, "--repo", str(told), "--format", form]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(given, **pipes, start_new_session=True)
    interruptible.append(process)
    until(lambda: list(Path(os.environ["TMPDIR"]).iterdir()))  # where the answer is to go
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=10) == (b"", b"")
    assert process.returncode == 130
    assert not list(Path(os.environ["TMPDIR"]).iterdir())


@pytest.mark.skipif(not shutil.which("script"), reason="there is no script(1)")
@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_is_for_terminals(variables: dict[str, str], coloured: bool, tmp_path: Path) -> None:
    specs = written(tmp_path / "specs", {"a.yaml": MODEL})
    assert "\x1b" not in rungbook("check", specs).out
    assert "\x1b" not in rungbook("check", specs, **variables).out
    seen = on_terminal([*RUNGBOOK, "check", str(specs)], variables)
    assert ("\x1b[" in seen) == coloured
    assert "is required" in seen or "lacks" in seen


def on_terminal(command: list[str], variables: dict[str, str]) -> str:
    """What a command shows on a terminal of its own."""
    import pty

    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm", **variables}
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=env) as process:
        os.close(theirs)
        seen = b""
        try:
            while part := os.read(ours, 65536):
                seen += part
        except OSError:  # Linux: the other side is closed
            pass
    os.close(ours)
    assert process.returncode == 1
    return seen.decode()


def test_nothing_heavy_is_imported_for_help() -> None:
    heavy = "anyio duckdb faiss jinja2 jsonschema numpy pydantic ruamel.yaml tree_sitter watchfiles"
    script = (
        "import sys; from rungbook.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {heavy.split()!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stderr == "[]\n"
