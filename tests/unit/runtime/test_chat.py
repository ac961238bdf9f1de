"""A chat model as a worker: what it is told, and what becomes of its answer."""

from pathlib import Path
from typing import Any

import anyio
import pytest

from fakes.ladders import FILES, RIGHT, WRONG, rules, shop, solved
from fakes.projects import box, written
from fakes.repos import snapshot
from rungbook import paths, tokens
from rungbook.models.scripted import ScriptedChat
from rungbook.ports import Answer, Chat, Failure, Job, Worked
from rungbook.rulebook.validator import FEEDBACK_CHARS
from rungbook.runtime.chat import ChatWorker, cut
from rungbook.runtime.engine import Request

EDIT = (paths.data("templates") / "prompts/edit.j2").read_text()
FIX = "calc.py\n<<<<<<< SEARCH\n    return a - b\n=======\n    return a + b\n>>>>>>> REPLACE\n"
FROZEN = ("tests/**",)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return written(tmp_path / "work/attempt-1", FILES)


def job(tree: Path, **more: Any) -> Job:
    given: dict[str, Any] = {"frozen": FROZEN, "tokens": 4000, "key": "run-1"}
    return Job("add gives wrong sums", box(tree, tree.parent / "user"), 9, **(given | more))


def worked(asked: Job, *answers: Answer, prompt: str = EDIT) -> tuple[Worked, list[Chat]]:
    """What the worker makes of the answers, and what it asked."""
    model = ScriptedChat(answers or (Answer("ok", FIX),))
    return anyio.run(ChatWorker(model, prompt).work, asked), model.asked


def told(asked: Job, prompt: str = EDIT) -> str:
    (chat,) = worked(asked, prompt=prompt)[1]
    assert tokens.at_most(chat.text) <= asked.tokens
    return chat.text


def test_the_answer_is_applied_and_its_price_known(tree: Path) -> None:
    done, (chat,) = worked(job(tree), Answer("ok", FIX, None, 900, 30, 0.25, True))
    assert done == Worked("ok", None, FIX, 900, 30, 0.25, True)
    assert (chat.seconds, chat.key, chat.schema) == (9, "run-1", None)
    assert (tree / "calc.py").read_text() == RIGHT
    assert snapshot(tree).keys() == FILES.keys()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("I cannot do that.", "the answer has no edit block"),
        (
            f"{FIX}\n{FIX.replace('calc', 'tests/test_calc')}",
            "tests/test_calc.py: the file is frozen",
        ),
    ],
)
def test_an_answer_that_cannot_be_used_changes_nothing(tree: Path, text: str, error: str) -> None:
    before = snapshot(tree)
    done, _ = worked(job(tree), Answer("ok", text, tokens_out=7, usd=0.5))
    assert (done.result, done.excerpt, done.tokens_out, done.usd) == ("unusable", text, 7, 0.5)
    assert (done.error or "").startswith(error)
    assert snapshot(tree) == before


@pytest.mark.parametrize("result", ["unreachable", "overflow", "unusable"])
def test_no_answer_is_what_it_is(tree: Path, result: Any) -> None:
    done, _ = worked(job(tree), Answer(result, FIX, "why", 5, 6, 0.0))
    assert done == Worked(result, "why", FIX, 5, 6, 0.0)
    assert (tree / "calc.py").read_text() == WRONG


def test_only_the_end_of_an_answer_is_kept(tree: Path) -> None:
    done, _ = worked(job(tree), Answer("ok", "x" * 50_000 + "\n" + FIX))
    assert done.result == "ok"
    assert len(done.excerpt) == FEEDBACK_CHARS
    assert done.excerpt.endswith(FIX)


def test_it_is_told_the_task_the_files_and_the_tests(tree: Path) -> None:
    before = (
        f'File "{tree.parent}/base-7/tests/test_calc.py", line 8\n'
        f"{tree.parent}/user/calc.py:2: 0 != 4\n/usr/lib/python3/unittest/case.py:1"
    )
    text = told(job(tree, before=before))
    assert "add gives wrong sums\n</task-" in text
    assert f'path="calc.py">\n{WRONG}</file-' in text
    assert f'path="tests/test_calc.py" frozen="yes">\n{FILES["tests/test_calc.py"]}</file-' in text
    plain = 'File "tests/test_calc.py", line 8\ncalc.py:2: 0 != 4\n/usr/lib/python3/unittest/'
    assert plain in text
    assert str(tree.parent) not in text
    assert "Attempt" not in text


def test_it_is_told_what_failed_and_which_change_it_was(tree: Path) -> None:
    failures = (
        Failure(1, "tests", f"{tree}/calc.py:2: AssertionError", "-a\n+b"),
        Failure(1, "lint", "E999", "-a\n+b"),
        Failure(3, "answer", "calc.py: block 1: SEARCH `x` is not in the file"),
    )
    text = told(job(tree, failures=failures))
    first, third = text.partition("Attempt 1 failed.")[2].split("Attempt 3 failed.")
    assert first.count("-a\n+b") == 1
    assert "The check `tests` said:" in first
    assert "\ncalc.py:2: AssertionError\n" in first
    assert "The check `lint` said:" in first
    assert "Its answer could not be used:" in third
    assert "SEARCH `x` is not in the file" in third
    assert "<change-" not in third


def test_a_file_that_the_task_names_is_shown_first(tree: Path) -> None:
    written(tree, {"notes.txt": "nothing"})
    text = told(job(tree, named=("notes.txt",)))
    assert text.index('path="notes.txt"') < text.index('path="calc.py"')


@pytest.mark.parametrize("most", [500, 700, 1000, 2000, 8000])
def test_all_of_it_fits_into_the_models_context(tree: Path, most: int) -> None:
    written(tree, {"long.py": "add = 'wrong sums'\n" * 5000})
    long = "\n".join(f"calc.py:{i}: ü" for i in range(20_000))
    failures = (
        Failure(1, "tests", f"FIRST{long}LAST", long),
        Failure(2, "tests", f"NEW{long}END", ""),
    )
    text = told(job(tree, before=long, failures=failures, tokens=most))
    assert "add gives wrong sums" in text
    assert ("END\n" in text) == (most >= 700)
    assert ('path="calc.py"' in text) == (most >= 1000)


def test_a_template_that_says_things_twice_is_cut_too(tree: Path) -> None:
    written(tree, {"long.py": "add = 'wrong sums'\n" * 200})
    twice = "{{ task }}{% for f in files %}{{ f.path }}{{ f.text }}{{ f.text }}{% endfor %}"
    assert told(job(tree, tokens=900), twice).count("add = 'wrong sums'\n") > 10
    threefold = "{{ task }}" + "{{ before }}" * 3
    assert told(job(tree, tokens=100, before="x" * 300), threefold) == "add gives wrong sums"


def test_a_task_that_does_not_fit_is_an_overflow_and_nobody_is_asked(tree: Path) -> None:
    done, asked = worked(job(tree, tokens=300))
    assert done == Worked("overflow", "the task takes more than 300 tokens", usd=0.0)
    assert asked == []


def test_a_template_that_cannot_be_filled_in_asks_nobody(tree: Path) -> None:
    done, asked = worked(job(tree), prompt="{{ files[0].txet }}")
    assert done.result == "unreachable"
    assert (done.error or "").startswith("its prompt cannot be filled in: ")
    assert done.usd == 0.0
    assert asked == []


@pytest.mark.parametrize("text", ["abc" * 1000, "ü" * 900, "a" * 500 + "字" * 500, "x"])
@pytest.mark.parametrize("most", [0, 5, 30, 100, 10_000])
def test_a_cut_keeps_both_ends_and_says_what_is_gone(text: str, most: int) -> None:
    short = cut(text, most)
    assert tokens.at_most(short) <= most
    if tokens.at_most(text) <= most:
        assert short == text
    elif short:
        begin, end = short.split(" characters left out]\n")
        begin, _, gone = begin.rpartition("\n[")
        assert text.startswith(begin)
        assert text.endswith(end)
        assert len(begin) + len(end) + int(gone.replace(",", "")) == len(text)
    else:
        assert most < 30


def test_a_run_tells_the_model_why_it_could_not_use_its_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNGBOOK_ISOLATION", "none")
    model = {"provider": {"type": "ollama", "id": "m"}, "context_tokens": 8000}
    rungs = [{"name": "first", "model": "m", "attempts": 3}]
    specs = rules(tmp_path / "specs", {"m": model}, rungs)
    spoiled = FIX.replace("a + b", "a * b + 1")
    answers = (Answer("ok", FIX.replace("a - b", "a-b")), Answer("ok", spoiled), Answer("ok", FIX))
    chat = ScriptedChat(answers)
    request = Request("Sums are wrong", shop(tmp_path / "shop"), specs)
    ended = solved(request, ChatWorker(chat, EDIT))
    assert ended.record.outcome == "pass"
    first, second, third = (asked.text for asked in chat.asked)
    assert f'path="calc.py">\n{WRONG}</file-' in first
    assert "AssertionError: 0 != 4" in first
    assert "the nearest to `return a-b` is line 2: `return a - b`" in second
    assert answers[0].text.strip() in second
    assert "+    return a * b + 1" in third
    assert "AssertionError: 5 != 4" in third
    assert len({asked.key for asked in chat.asked}) == 3


def test_urls_of_files_are_paths_of_the_project_too(tree: Path) -> None:
    """As node writes them for modules."""
    at = f"at (file://{tree.parent}/user/calc.mjs:4:29) {tree}/calc.py"
    assert "at (calc.mjs:4:29) calc.py" in told(job(tree, before=at))
