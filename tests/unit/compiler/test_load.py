"""Specs in, Rulebook and findings out: each mistake once, in its place, and never a traceback.

`tests/specs/bad/KIND/NAME.expect` lists the findings of `NAME.yaml` over the built-in names, one a
line: `LINE:COL-END_LINE:END_COL CODE message | hint`.
"""

import time
from pathlib import Path

import pytest

from rungbook.codes import CODES
from rungbook.compiler.load import Loaded, builtin, load
from rungbook.findings import Finding

SPECS = Path(__file__).parents[2] / "specs"
KINDS = ("model", "validator", "task-taxonomy", "escalation-matrix")
GOOD = sorted(p for kind in KINDS for p in (SPECS / "good" / kind).glob("*.yaml"))
BAD = sorted(p for kind in KINDS for p in (SPECS / "bad" / kind).glob("*.yaml"))
ELSEWHERE = {"R302", "R209"}
"""Codes that are not of a file alone: of tests, and of a template's text."""


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def line(f: Finding) -> str:
    s = f.span
    return f"{s.line}:{s.col}-{s.end_line}:{s.end_col} {f.code} {f.message} | {f.hint}"


def put(folder: Path, **files: str) -> Path:
    """Spec files of kind Model, but for those that say otherwise."""
    folder.mkdir(exist_ok=True)
    for file, body in files.items():
        kind = "" if "kind:" in body else "kind: Model\n"
        (folder / f"{file}.yaml").write_text(f"apiVersion: rungbook/v1\n{kind}{body}")
    return folder


def codes(loaded: Loaded) -> list[str]:
    return [f.code for f in loaded.findings]


@pytest.mark.parametrize("path", GOOD, ids=name)
def test_good_specs_have_no_findings(path: Path) -> None:
    loaded = load([path], below=[builtin()])
    assert [line(f) for f in loaded.findings] == []
    assert loaded.rulebook is not None


@pytest.mark.parametrize("path", BAD, ids=name)
def test_a_mistake_is_one_finding_in_its_place(path: Path) -> None:
    loaded = load([path], below=[builtin()])
    told = "\n".join(map(line, loaded.findings)).replace(str(path), path.name)
    assert told + "\n" == path.with_suffix(".expect").read_text("utf-8")
    assert (loaded.rulebook is None) == any(f.severity == "error" for f in loaded.findings)


def test_every_code_of_shape_and_meaning_has_a_bad_example() -> None:
    seen = {word for p in BAD for word in p.with_suffix(".expect").read_text("utf-8").split()}
    assert {c for c in CODES if c[1] != "0"} - ELSEWHERE <= seen


def test_the_built_in_specs_are_fine() -> None:
    loaded = load([builtin()])
    assert loaded.rulebook is not None
    assert loaded.findings == ()
    assert set(loaded.rulebook.models) == {n for k, n in loaded.entries if k == "Model"}


TOOL = "specs:\n  fix: {worker: {command: [x]}, class: tool}\n"
MATRIX = """kind: EscalationMatrix
specs:
  own:
    taxonomy: coding-tasks
    ladders:
      quick-edit: {rungs: [{name: fix, model: fix}], verify: [syntax]}
      standard-development: {rungs: [{name: fix, model: ruff-fix}], verify: [syntax]}
      complex-architecture: {rungs: [{name: fix, model: ruff-fix}], verify: [syntax]}
      critical: {rungs: [{name: fix, model: ruff-fix}], verify: [syntax]}
"""


def test_names_resolve_within_a_folder_and_over_those_below(tmp_path: Path) -> None:
    folder = put(tmp_path / "specs", tool=TOOL, matrix=MATRIX)
    over = load([folder], below=[builtin()])
    assert over.findings == ()
    assert over.rulebook is not None
    assert over.rulebook.matrices["own"].ladders["quick-edit"].rungs[0].models == ("fix",)
    alone = load([folder])
    assert {f.message for f in alone.findings} == {
        "there is no TaskTaxonomy `coding-tasks`",
        "there is no Model `ruff-fix`",
        "there is no Validator `syntax`",
    }


def test_a_spec_hides_the_one_below_of_the_same_name(tmp_path: Path) -> None:
    below = put(tmp_path / "below", tool=TOOL)
    above = put(tmp_path / "above", tool=TOOL.replace("[x]", "[y]"))
    loaded = load([above], below=[below])
    assert loaded.rulebook is not None
    assert loaded.rulebook.models["fix"].command == ("y",)
    assert loaded.files == 1


def test_mistakes_below_are_not_told_but_leave_no_name(tmp_path: Path) -> None:
    below = put(tmp_path / "below", tool=TOOL.replace("class: tool", "class: toool"))
    above = put(tmp_path / "above", matrix=MATRIX)
    found = load([above], below=[below, builtin()]).findings
    assert [f.message for f in found] == ["there is no Model `fix`"]


def test_a_broken_spec_hides_the_one_below_too(tmp_path: Path) -> None:
    above = put(tmp_path / "above", tool="specs:\n  ruff-fix: {class: tool}\n", matrix=MATRIX)
    found = load([above], below=[builtin(), put(tmp_path / "below", tool=TOOL)]).findings
    assert [f.code for f in found] == ["R102"]


def test_what_is_switched_off_is_not_there(tmp_path: Path) -> None:
    below = put(tmp_path / "below", tool=TOOL)
    off = TOOL.replace("class", "enabled: false, class")
    above = put(tmp_path / "above", tool=off, matrix=MATRIX)
    found = load([above], below=[builtin(), below]).findings
    assert [f.message for f in found] == ["there is no Model `fix`"]


def test_the_same_name_in_two_files_names_the_other_place(tmp_path: Path) -> None:
    folder = put(tmp_path / "specs", one=TOOL, two="# a comment\n" + TOOL)
    (found,) = load([folder]).findings
    assert (found.code, found.span.line, found.span.col) == ("R106", 5, 3)
    assert found.span.path.endswith("two.yaml")
    assert found.message == f"Model `fix` also stands in {folder}/one.yaml:4"


def test_the_same_name_in_two_kinds_is_fine(tmp_path: Path) -> None:
    validator = "kind: Validator\nspecs:\n  fix: {check: {parse: {}}, confidence: 1}\n"
    assert load([put(tmp_path / "specs", one=TOOL, two=validator)]).findings == ()


def test_a_good_document_beside_a_broken_one_is_read(tmp_path: Path) -> None:
    broken = (
        "kind: Model\n"
        + TOOL
        + "---\napiVersion: rungbook/v1\nkind: Model\nspecs: {b: {class: small, \n"
    )
    loaded = load([put(tmp_path / "specs", one=broken)])
    assert codes(loaded) == ["R010"]
    assert loaded.rulebook is None
    assert list(loaded.entries) == [("Model", "fix")]


def test_more_unreadable_values_than_are_told_build_nothing(tmp_path: Path) -> None:
    keys = "".join(f"    k{i}: ~\n" for i in range(200))
    body = f"specs:\n  a:\n    class: ~\n    worker: {{command: ~}}\n{keys}"
    loaded = load([put(tmp_path / "specs", one=body)])
    assert loaded.rulebook is None
    assert loaded.entries == {}


HUGE = {
    "unknown keys": "specs:\n  a: {class: tool, worker: {command: [x]}"
    + "".join(f", key{i}: 1" for i in range(60_000))
    + "}\n",
    "wrong items": "specs:\n  a: {class: tool, worker: {command: [" + "1, " * 200_000 + "]}}\n",
    "broken specs": "specs:\n" + "".join(f"  a{i}: {{}}\n" for i in range(60_000)),
    "rows": "kind: TaskTaxonomy\nspecs:\n  a:\n    complexity: {range: [0, 1], terms: "
    "{x: {per: task.files, each: 1}}}\n    types:\n"
    + "".join(f"      - {{name: a, when: {{task.files: {i}}}}}\n" for i in range(20_000)),
    "models of a race": "kind: EscalationMatrix\nspecs:\n  a: {taxonomy: t, ladders: {x: {verify: "
    "[v], rungs: [{name: r, race: [" + "".join(f"a{i}, {i}, " for i in range(40_000)) + "]}]}}}\n",
    "dangling models": "kind: EscalationMatrix\nspecs:\n  a: {taxonomy: t, ladders: {x: {verify: "
    "[v], rungs: [" + "".join(f"{{name: r{i}, model: m{i}}}, " for i in range(15_000)) + "]}}}\n",
}


@pytest.mark.parametrize("mistake", HUGE)
def test_a_great_many_mistakes_are_told_soon(mistake: str, tmp_path: Path) -> None:
    folder = put(tmp_path / "specs", one=HUGE[mistake])
    began = time.process_time()
    loaded = load([folder])
    assert loaded.rulebook is None
    assert time.process_time() - began < 15
