"""Templates: which file a spec names, and what it may speak of."""

from pathlib import Path

import pytest

from rungbook.compiler.load import load
from rungbook.compiler.templates import Templates

KNOWN = frozenset({"task", "diff"})


def write(folder: Path, text: str, name: str = "prompts/own.j2") -> Templates:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return Templates((folder,))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ task }} {% for x in diff %}{{ loop.index }} {{ x }}{% endfor %}", []),
        ("{{ taks }}", ["R202 templates/prompts/own.j2 speaks of `taks` | did you mean `task`?"]),
        (
            "{{ zebra }}",
            ["R202 templates/prompts/own.j2 speaks of `zebra` | known here: diff, task"],
        ),
        ("a\n{{ task", ["R209 templates/prompts/own.j2:2: unexpected end of template"]),
        ("{% if task %}", ["R209 templates/prompts/own.j2:1: Unexpected end of template."]),
        ("{{ task | tojsn }}", ["R209 templates/prompts/own.j2:1: No filter named 'tojsn'."]),
        ("{{ task is defind }}", ["R209 templates/prompts/own.j2:1: No test named 'defind'."]),
        ("\n{% include 'x.j2' %}", ["R209 templates/prompts/own.j2:2: a template loads no other"]),
        ("{% extends 'x.j2' %}", ["R209 templates/prompts/own.j2:1: a template loads no other"]),
        ("{{ " + "(" * 100_000, ["R209 templates/prompts/own.j2"]),
        ("x" * 1_000_001, ["R208 templates/prompts/own.j2 has more than 1,000,000 bytes"]),
    ],
    ids=lambda x: repr(x[:24]) if isinstance(x, str) else "",
)
def test_what_a_template_may_say(tmp_path: Path, text: str, expected: list[str]) -> None:
    _, problems = write(tmp_path, text).read("prompts/own.j2", KNOWN)
    told = [f"{p.code} {p.message} | {p.hint}" for p in problems]
    assert len(told) == len(expected)
    for got, want in zip(told, expected, strict=True):
        assert got.startswith(want)


def test_what_it_may_speak_of_is_asked_anew(tmp_path: Path) -> None:
    templates = write(tmp_path, "{{ diff }}")
    assert templates.read("prompts/own.j2", KNOWN)[1] == ()
    assert templates.read("prompts/own.j2", frozenset({"task"}))[1] != ()


def test_the_higher_folder_wins(tmp_path: Path) -> None:
    write(tmp_path / "low", "low")
    write(tmp_path / "high", "high")
    both = Templates((tmp_path / "high", tmp_path / "low"))
    assert both.read("prompts/own.j2", KNOWN) == ("high", ())


def test_a_template_stays_in_its_folder(tmp_path: Path) -> None:
    templates = write(tmp_path / "templates", "x")
    (tmp_path / "secret.j2").write_text("secret")
    (tmp_path / "templates" / "prompts" / "link.j2").symlink_to(tmp_path / "secret.j2")
    for name in ("prompts/../../secret.j2", "prompts/link.j2", f"{tmp_path}/secret.j2"):
        text, problems = templates.read(name, KNOWN)
        assert text == ""
        assert [p.code for p in problems] == ["R208"]


@pytest.mark.parametrize("name", ["prompts/folder.j2", "prompts/" + "x" * 300 + ".j2", "a\0b"])
def test_what_is_no_file_is_a_finding(tmp_path: Path, name: str) -> None:
    (tmp_path / "prompts" / "folder.j2").mkdir(parents=True)
    text, problems = Templates((tmp_path,)).read(name, KNOWN)
    assert text == ""
    assert [p.code for p in problems] == ["R208"]


JUDGE = """apiVersion: rungbook/v1
kind: Validator
specs:
  said: {check: {judge: {prompt: own}}, confidence: 0.8}
"""


def test_templates_beside_specs_are_found_and_part_of_the_identity(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "v.yaml").write_text(JUDGE)

    def hashed(text: str) -> str:
        write(tmp_path / "templates", text)
        loaded = load([tmp_path / "specs"])
        assert loaded.findings == ()
        assert loaded.rulebook is not None
        return loaded.rulebook.hashes["Validator/said"]

    assert hashed("{{ task }}") == hashed("{{ task }}") != hashed("{{ task }}!")


def test_a_fault_in_a_template_stands_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "v.yaml").write_text(JUDGE)
    write(tmp_path / "templates", "{{ task")
    (found,) = load([tmp_path / "specs"]).findings
    assert (found.code, found.span.line, found.span.col, found.span.end_col) == ("R209", 4, 34, 37)
