"""Workers that are programs."""

import sys
from pathlib import Path

import anyio

from fakes.projects import box, written
from rungbook.models.command import CommandWorker
from rungbook.ports import Failure, Job, Worked


def work(tree: Path, *command: str, seconds: float = 20, **job: object) -> Worked:
    given = Job(task="fix it", box=box(tree), seconds=seconds, **job)  # type: ignore[arg-type]
    return anyio.run(CommandWorker(command).work, given)


def python(code: str) -> tuple[str, ...]:
    return sys.executable, "-c", f"import sys; {code}"


def test_it_works_in_the_tree_with_the_task_and_what_failed(tmp_path: Path) -> None:
    worked = work(
        tmp_path,
        *python("open('a', 'w').write(sys.argv[1])"),
        "{task}",
        failures=(Failure(1, "tests", "1 failed"),),
    )
    assert worked == Worked("ok")
    assert (tmp_path / "a").read_text() == "fix it\n\nThe check `tests` failed:\n1 failed"


def test_a_linter_that_fixed_something_exits_with_1(tmp_path: Path) -> None:
    written(tmp_path, {"a.py": "import os\nimport sys\nprint(os.name, undefined)\n"})
    worked = work(tmp_path, "ruff", "check", "--isolated", "--fix", "{files}", files=("a.py",))
    assert (worked.result, worked.error) == ("ok", "exit status 1")
    assert "undefined" in worked.excerpt
    assert (tmp_path / "a.py").read_text().split() == [
        "import",
        "os",
        "print(os.name,",
        "undefined)",
    ]


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    assert work(tmp_path, "no-such-agent", "{task}").result == "unreachable"


def test_a_limit_makes_it_unusable(tmp_path: Path) -> None:
    worked = work(tmp_path, *python("import time; time.sleep(60)"), seconds=0.5)
    assert (worked.result, worked.error) == ("unusable", "stopped at a limit: time")


def test_no_file_is_nothing_to_do(tmp_path: Path) -> None:
    assert work(tmp_path, "ruff", "check", "{files}").result == "unusable"


def test_many_files_take_several_calls(tmp_path: Path) -> None:
    files = tuple(f"{'d' * 100}/{n}.py" for n in range(3000))
    code = python("open('n', 'a').write(f'{len(sys.argv) - 1} ')")
    assert work(tmp_path, *code, "{files}", files=files).result == "ok"
    counts = [int(n) for n in (tmp_path / "n").read_text().split()]
    assert len(counts) > 1
    assert sum(counts) == len(files)


def test_a_task_that_is_too_long_overflows(tmp_path: Path) -> None:
    assert (
        work(tmp_path, "echo", "{task}", failures=(Failure(1, "tests", "x" * 200_000),)).result
        == "overflow"
    )
