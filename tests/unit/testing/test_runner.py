"""Inline tests: what passes is silent, what does not says where and what was got instead."""

from pathlib import Path

import pytest

from rungbook.compiler.load import builtin, load
from rungbook.testing.runner import Result, run

HEAD = "apiVersion: rungbook/v1\nkind: {}\nspecs:\n"


def results(tmp_path: Path, kind: str, body: str) -> list[Result]:
    path = tmp_path / "f.yaml"
    path.write_text(HEAD.format(kind) + body)
    loaded = load([path], below=[builtin()])
    assert loaded.findings == ()
    return list(run(loaded))


def told(result: Result) -> str:
    (finding,) = result.wrong
    s = finding.span
    assert finding.code == "R302"
    return f"{s.line}:{s.col}-{s.end_col} {finding.message}"


def test_the_built_in_tests_pass_and_are_named() -> None:
    done = list(run(load([builtin()])))
    assert [f"{r.spec} {r.name}: {r.wrong}" for r in done if r.wrong] == []
    assert len({(r.spec, r.span) for r in done}) == len(done) > 20
    assert {r.spec.split("/")[0] for r in done} == {
        "Model", "TaskTaxonomy", "Validator", "EscalationMatrix",
    }  # fmt: skip


def test_specs_with_errors_have_no_results(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_text(HEAD.format("Model") + "  a: {}\n")
    assert list(run(load([path]))) == []


def test_only_what_was_asked_for_is_run(tmp_path: Path) -> None:
    assert results(tmp_path, "Model", "  a: {worker: {command: [x]}, class: tool}\n") == []


MODEL = """  a:
    provider: {type: ollama, id: m}
    class: small
    family: f
    tier: 0
    price: {input: 1, output: 10}
    output_tokens: 100
    tests:
      - {name: right, given: {input_tokens: 1000, output_tokens: 1000}, expect: {usd: 0.011}}
      - {given: {input_tokens: 1000, output_tokens: 1000}, expect: {usd: 0.01}}
"""


def test_a_price(tmp_path: Path) -> None:
    right, wrong = results(tmp_path, "Model", MODEL)
    assert (right.name, right.wrong, wrong.name) == ("right", (), "test 2")
    assert told(wrong) == "13:68-79 it costs $0.011, not $0.01"


TAXONOMY = """  a:
    complexity:
      range: [0, 10]
      bands: [{name: low, lt: 5}, {name: high}]
      terms: {files: {per: task.files, each: 2}}
    types: [{name: hard, when: {complexity: {gt: 5}}}, {name: easy}]
    tests:
      - {given: Do it, expect: {type: easy, complexity: 0, band: low}}
      - {given: {text: Do it, files: 3}, expect: {type: easy}}
"""


def test_a_classification(tmp_path: Path) -> None:
    right, wrong = results(tmp_path, "TaskTaxonomy", TAXONOMY)
    assert (right.name, right.wrong) == ("Do it", ())
    assert told(wrong) == "12:50-62 type is hard, not easy (complexity 6: files +6)"


VALIDATOR = """  a:
    check: {tests: {}}
    confidence: 0.9
    tests: [{given: {exit: 1}, expect: fail}, {given: {exit: 1}, expect: pass}]
  b:
    check: {parse: {}}
    confidence: 1
    tests:
      - {given: {file: a.json, text: "{}", before: "{"}, expect: pass}
      - {given: {file: a.json, text: "{"}, expect: pass}
"""


def test_a_verdict(tmp_path: Path) -> None:
    right, wrong, parsed, broken = results(tmp_path, "Validator", VALIDATOR)
    assert right.wrong == parsed.wrong == ()
    assert told(wrong).startswith("7:74-78 the verdict is fail, not pass: ")
    assert told(broken).startswith("13:52-56 the verdict is fail, not pass: ")


LOOKS = """  a:
    check: {regex: {files: ["src/**"], lacks: TODO}}
    confidence: 0.9
    tests:
      - {given: {file: src/deep/a.py, text: "x", before: TODO}, expect: pass}
      - {given: {file: src/a.py, text: "x\\nTODO"}, expect: pass}
      - {given: {file: ../src/a.py, text: "x"}, expect: pass}
  b:
    check: {schema: {files: ["*.json"], valid: {type: object}}}
    confidence: 0.9
    tests: [{given: {file: a.json, text: "[]"}, expect: pass}]
  c:
    check: {judge: {prompt: judge-binary, pass: {confidence: {gt: 0.8}}}}
    confidence: 0.9
    tests:
      - {given: {judge: {meets: true, confidence: 1}}, expect: pass}
      - {given: {judge: {meets: true, confidence: 0.8}}, expect: pass}
      - {given: {exit: 0}, expect: pass}
"""


def test_a_verdict_on_files_and_by_a_judge(tmp_path: Path) -> None:
    right, *wrong, sure, unsure, nobody = results(tmp_path, "Validator", LOOKS)
    assert right.wrong == sure.wrong == ()
    got = "the verdict is {}, not pass: "
    assert [told(result).partition(" ")[2] for result in (*wrong, unsure, nobody)] == [
        got.format("fail") + "the regex is found in a file: src/a.py:2: TODO",
        "the path of the file is not a plain path",
        got.format("fail") + 'a file is not valid: a.json: [] is not of type "object"',
        got.format("fail") + "it does what the task asks, but only 0.8 sure, not gt 0.8",
        got.format("error") + "nobody judged",
    ]


MATRIX = """  a:
    taxonomy: own
    common: {checker: [{when: {complexity.band: hard}, use: next-tier}, {use: none}]}
    ladders: {only: {rungs: [{name: fix, model: ruff-fix}], verify: [syntax, semantic]}}
    tests:
      - name: right
        given: {type: only}
        script: |
          fix fail syntax
          => skip
      - given: {type: only}
        script: |
          # a comment
          fix pass
          => skip
      - given: {type: only, complexity: 9}
        script: fix fail semantic => skip
      - {given: {type: other}, script: "=> skip"}
---
apiVersion: rungbook/v1
kind: TaskTaxonomy
specs:
  own:
    complexity:
      range: [0, 10]
      bands: [{name: simple, lt: 5}, {name: hard}]
      terms: {files: {per: task.files, each: 1}}
    types: [{name: only}]
"""


@pytest.fixture
def scripts(tmp_path: Path) -> list[Result]:
    return results(tmp_path, "EscalationMatrix", MATRIX)


def test_a_ladder_script(scripts: list[Result]) -> None:
    right, ends, judged, typed = scripts
    assert right.wrong == judged.wrong == ()
    assert told(ends) == "18:11-18 expected skip, got pass fix (passed)"
    assert told(typed) == "21:9-50 there is no ladder for other"


MEASURED = """  a:
    complexity:
      range: [0, 10]
      bands: [{name: low, lt: 5}, {name: high}]
      terms: {files: {per: task.files, each: 2}}
    types:
      - {name: quick-edit, when: {task.text: {finds: '(?i)typo|rename'}}}
      - {name: complex-architecture, when: {task.text: {finds: '(?i)design|migrate'}}}
      - {name: critical, when: {task.text: {finds: '(?i)production|payment'}}}
      - {name: standard-development}
    tests:
      - {dataset: task-types, expect: {accuracy: {gt: 0.3, lt: 0.7}}}
      - {name: dreamt, dataset: task-types, expect: {accuracy: {gte: 0.99}}}
"""


def test_an_accuracy_is_measured_and_its_mistakes_are_told(tmp_path: Path) -> None:
    right, wrong = results(tmp_path, "TaskTaxonomy", MEASURED)
    assert (right.name, right.wrong, wrong.name) == ("task-types", (), "dreamt")
    assert right.report == wrong.report
    head, *rows = right.report
    assert head.startswith("accuracy 0.")
    kinds = ("quick-edit", "standard-development", "complex-architecture", "critical")
    assert [row.partition(":")[0] for row in rows[:4]] == list(kinds)
    assert all(" taken for " in row and "confidence" in row for row in rows[4:])
    assert len(rows) == len(kinds) + 5
    assert "accuracy is 0." in told(wrong)
    assert told(wrong).endswith("not gte 0.99")


def test_what_was_learned_from_is_not_measured_with(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "datasets").mkdir()
    row = '{"text": "Fix it", "type": "easy"}\n'
    (tmp_path / "datasets" / "own.jsonl").write_text(row)
    (tmp_path / "specs" / "f.yaml").write_text(
        HEAD.format("TaskTaxonomy")
        + "  a:\n    complexity: {range: [0, 1], terms: {files: {per: task.files, each: 1}}}\n"
        "    types: [{name: easy}]\n    examples: own\n"
        "    tests: [{dataset: own, expect: {accuracy: {gte: 0}}}]\n"
    )
    (done,) = run(load([tmp_path / "specs"]))
    (finding,) = done.wrong
    assert finding.message.startswith("no example is left")
