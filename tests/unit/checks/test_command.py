"""Commands and suites that really run, and the attacks that live at this level."""

import sys
from collections.abc import Mapping
from pathlib import Path

import anyio
import pytest

from fakes.projects import box, written
from rungbook.checks import command, suites
from rungbook.interpret.validate import Judged, judge
from rungbook.process import Box, Limits, isolated
from rungbook.rulebook import validator as v
from rungbook.rulebook.observation import Observed, Report
from rungbook.rulebook.validator import Command, Metric, Validator

CALC = "def add(a, b):\n    return a - b\n"
FIXED = "def add(a, b):\n    return a + b\n"
PYTEST = {
    "calc.py": CALC,
    "test_calc.py": (
        "from calc import add\n\n\ndef test_add():\n    assert add(2, 2) == 4\n\n\n"
        "def test_zero():\n    assert add(0, 0) == 0\n"
    ),
}
UNITTEST = {
    "calc.py": CALC,
    "tests/test_calc.py": (
        "import unittest\nfrom calc import add\n\n\nclass T(unittest.TestCase):\n"
        "    def test_add(self):\n        self.assertEqual(add(2, 2), 4)\n\n"
        "    def test_zero(self):\n        self.assertEqual(add(0, 0), 0)\n"
    ),
}
TESTS = Validator("tests", v.Tests(), errors=(3, 4))


def observe(
    tree: Path, validator: Validator = TESTS, where: Box | None = None, **files: str
) -> Observed:
    suite = suites.guess(tree) if validator.check.method == "tests" else None
    limits = Limits(seconds=20)
    changed = tuple(files.values())
    return anyio.run(lambda: command.observe(validator, where or box(tree), limits, changed, suite))


def proof(folder: Path, project: Mapping[str, str], change: Mapping[str, str]) -> Judged:
    """The verdict on a change, beside the untouched project."""
    before = observe(written(folder / "before", project))
    after = observe(written(folder / "after", {**project, **change}))
    return judge(TESTS, after.observation, before.observation)


@pytest.fixture(params=[PYTEST, UNITTEST], ids=["pytest", "unittest"])
def project(request: pytest.FixtureRequest) -> Mapping[str, str]:
    return request.param


def test_a_right_fix_is_proved(tmp_path: Path, project: Mapping[str, str]) -> None:
    judged = proof(tmp_path, project, {"calc.py": FIXED})
    assert (judged.verdict, judged.reason, judged.baseline) == ("pass", "2 tests passed", "fail")


def test_a_wrong_fix_is_not(tmp_path: Path, project: Mapping[str, str]) -> None:
    judged = proof(tmp_path, project, {"calc.py": "def add(a, b):\n    return 4\n"})
    assert (judged.verdict, judged.reason) == ("fail", "1 failed of 2 tests")


def test_exit_without_a_word_is_no_pass(tmp_path: Path, project: Mapping[str, str]) -> None:
    judged = proof(tmp_path, project, {"calc.py": f"import os\n{FIXED}os._exit(0)\n"})
    assert judged.verdict == "fail"
    assert "without the report" in judged.reason


def test_exit_from_inside_a_test_is_no_pass(tmp_path: Path, project: Mapping[str, str]) -> None:
    judged = proof(tmp_path, project, {"calc.py": "import os\ndef add(a, b):\n    os._exit(0)\n"})
    assert judged.verdict == "fail"


def test_skipping_is_no_pass(tmp_path: Path, project: Mapping[str, str]) -> None:
    skip = "import unittest\nraise unittest.SkipTest('later')\n"
    judged = proof(tmp_path, project, {"calc.py": skip})
    assert judged.verdict == "fail"


def test_fewer_tests_are_no_pass(tmp_path: Path, project: Mapping[str, str]) -> None:
    name = next(path for path in project if "test_" in path)
    fewer = project[name].replace("def test_zero", "def zero")
    judged = proof(tmp_path, project, {"calc.py": FIXED, name: fewer})
    assert (judged.verdict, judged.reason) == ("fail", "1 test ran, 2 before the change")


def test_a_suite_that_passed_before_proves_nothing(tmp_path: Path) -> None:
    judged = proof(tmp_path, PYTEST | {"calc.py": FIXED}, {"calc.py": FIXED + "\n"})
    assert judged.verdict == "unproved"


def test_a_broken_import_is_repaired(tmp_path: Path, project: Mapping[str, str]) -> None:
    judged = proof(tmp_path, {**project, "calc.py": "import nowhere\n"}, {"calc.py": FIXED})
    assert (judged.verdict, judged.baseline) == ("pass", "fail")


def test_a_wrapper_that_exits_with_0(tmp_path: Path) -> None:
    validator = Validator("tests", v.Tests(run=(sys.executable, "-c", "", "-m", "pytest")))
    seen = observe(written(tmp_path, PYTEST), validator)
    assert seen.observation.status == 0
    assert judge(validator, seen.observation, None).verdict == "fail"


def test_a_hang_is_a_failure_of_the_change(tmp_path: Path) -> None:
    tree = written(tmp_path, {"a.py": "import time\ntime.sleep(60)\n"})
    hang = Validator("hang", Command(("{python}", "a.py")))
    seen = anyio.run(lambda: command.observe(hang, box(tree), Limits(seconds=0.5)))
    assert (seen.observation.status, seen.observation.because) == (None, "time")


def test_the_excerpt_is_the_end_of_what_was_said(tmp_path: Path) -> None:
    says = Validator("says", Command(("{python}", "-c", "print('a' * 99 + 'end')"), exit=0))
    assert observe(tmp_path, says).excerpt.endswith("aend\n")
    short = Validator("says", Command(("{python}", "-c", "print('abcdef')"), feedback_chars=3))
    assert observe(tmp_path, short).excerpt == "ef\n"


def test_files_are_those_that_are_there(tmp_path: Path) -> None:
    tree = written(tmp_path, {"a.py": ""})
    lists = Validator("l", Command(("{python}", "-c", "import sys; print(sys.argv)", "{files}")))
    assert "['-c', 'a.py']" in observe(tree, lists, a="a.py", b="gone.py").excerpt
    assert not observe(tree, lists, b="gone.py").observation.applies


def test_a_metric_is_read_from_the_output(tmp_path: Path) -> None:
    metric = Metric(r"mean=(?P<value>[\d.]+)", (("lte", 1.1),), of_baseline=True)
    run = ("{python}", "-c", "print('mean=2.5')")
    assert observe(tmp_path, Validator("b", Command(run, metric=metric))).observation.value == 2.5


def test_what_is_not_installed(tmp_path: Path) -> None:
    none = Validator("x", Command(("no-such-program-here",)))
    assert observe(tmp_path, none).observation.missing == "no-such-program-here"
    plugin = Validator("x", v.Tests(run=("{python}", "-m", "pytest", "--no-such-option")))
    assert "--no-such-option" in observe(tmp_path, plugin).observation.missing
    assert "test command" in observe(tmp_path).observation.missing


def test_arguments_that_do_not_fit_are_an_error(tmp_path: Path) -> None:
    long = Validator("x", Command(("{python}", "-c", "#" * 200_000)))
    seen = observe(tmp_path, long).observation
    assert judge(long, seen, seen).verdict == "error"


def test_the_users_own_code_is_not_the_change(tmp_path: Path) -> None:
    """An editable install leads back into the user's tree."""
    project = {"src/calc.py": FIXED, "tests/test_calc.py": PYTEST["test_calc.py"]}
    user = written(tmp_path / "user", project)
    tree = written(tmp_path / "tree", {**project, "src/calc.py": CALC})
    where = box(tree, user, PYTHONPATH=str(user / "src"))
    judged = judge(TESTS, observe(tree, where=where, a="src/calc.py").observation, None)
    assert judged.verdict == "error"
    assert f"src/calc.py was loaded from {user}/src/calc.py" in judged.reason


@pytest.mark.skipif(isolated() != "bubblewrap", reason="needs bubblewrap")
def test_reports_leave_the_bubble(tmp_path: Path) -> None:
    tree = written(tmp_path / "tree", PYTEST)
    at = tmp_path / "project"
    at.mkdir()
    inside = Box(tree=tree, at=at, variables={"VIRTUAL_ENV": sys.prefix}, isolation="bubblewrap")
    seen = observe(tree, where=inside, changed="calc.py").observation
    assert (seen.status, seen.report, seen.elsewhere) == (1, Report(2, 1, failed=1), ())


@pytest.mark.skipif(isolated() != "bubblewrap", reason="needs bubblewrap")
def test_an_installed_copy_inside_the_bubble(tmp_path: Path) -> None:
    tree = written(tmp_path / "tree", {"src/calc.py": CALC, "test_calc.py": PYTEST["test_calc.py"]})
    installed = written(tmp_path / "installed", {"calc.py": FIXED})
    at = tmp_path / "project"
    copy = at / ".venv/site-packages"
    (tree / ".venv/site-packages").mkdir(parents=True)
    inside = Box(
        tree=tree,
        at=at,
        read_only=((installed, copy),),
        variables={"VIRTUAL_ENV": sys.prefix, "PYTHONPATH": str(copy)},
        isolation="bubblewrap",
    )
    seen = observe(tree, where=inside, changed="src/calc.py").observation
    assert seen.elsewhere == (f"src/calc.py was loaded from {copy}/calc.py",)


def test_the_interpreter_is_the_projects_else_the_first_on_the_path(tmp_path: Path) -> None:
    assert command.python(box(tmp_path, VIRTUAL_ENV="/v")) == "/v/bin/python"
    (tmp_path / "python3").write_text("")
    (tmp_path / "python3").chmod(0o755)
    plain = Box(tree=tmp_path, at=tmp_path, variables={"PATH": str(tmp_path)}, isolation="none")
    assert command.python(plain) == str(tmp_path / "python3")


def test_a_person_is_not_run(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="look runs nothing"):
        observe(tmp_path, Validator("look", v.Person("Fine?")))
