"""Values of YAML text, and where each of them stands."""

import json
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rungbook.compiler.document import Document, read
from rungbook.findings import Pointer, Span


def one(text: str) -> Document:
    documents, findings = read("f.yaml", text.encode())
    assert findings == []
    (document,) = documents
    return document


def covered(text: str, span: Span) -> str:
    """The text a span covers, taken from the file as an editor would."""
    lines = text.splitlines(keepends=True)[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_col - 1]
    lines[0] = lines[0][span.col - 1 :]
    return "".join(lines)


TEXT = """\
# a file
kind: Ladder      # a comment
specs:
  fix-é😀: {when: {type: [bug, "fix: it"]}, n: 3}
  other:
    rungs:
    - name: first
      use: a b
        c
    -   - x
        - 'it''s'

    # about what follows
    script: |
      rung one

        rung two
    folded: >-
      some
      words

  last: [
    1, {k: v},
  ]
# the end
"""


@pytest.mark.parametrize(
    ("pointer", "key", "expected"),
    [
        (("kind",), False, "Ladder"),
        (("kind",), True, "kind"),
        (("specs", "fix-é😀"), True, "fix-é😀"),
        (("specs", "fix-é😀", "when", "type", 1), False, '"fix: it"'),
        (("specs", "fix-é😀", "when"), False, '{type: [bug, "fix: it"]}'),
        (("specs", "fix-é😀", "n"), False, "3"),
        (("specs", "other", "rungs", 0, "use"), False, "a b\n        c"),
        (("specs", "other", "rungs", 0), False, "name: first\n      use: a b\n        c"),
        (("specs", "other", "rungs", 1, 1), False, "'it''s'"),
        (("specs", "other", "rungs", 1), True, "- x\n        - 'it''s'"),
        (("specs", "other", "script"), False, "|\n      rung one\n\n        rung two"),
        (("specs", "other", "folded"), False, ">-\n      some\n      words"),
        (("specs", "last"), False, "[\n    1, {k: v},\n  ]"),
        (("specs", "last", 1, "k"), True, "k"),
        (("specs", "last", 7, "k"), True, "[\n    1, {k: v},\n  ]"),
        (("specs", "last", "no"), False, "[\n    1, {k: v},\n  ]"),
        (("kind", "below"), True, "Ladder"),
    ],
)
def test_the_place_of_a_value_or_key(pointer: Pointer, key: bool, expected: str) -> None:
    assert covered(TEXT, one(TEXT).span(pointer, key=key)) == expected


def test_a_block_ends_with_its_last_value() -> None:
    whole = one(TEXT).span(())
    assert whole == Span("f.yaml", 2, 1, 24, 4)


def test_lines_and_columns_count_from_one() -> None:
    assert one(TEXT).span(("kind",)) == Span("f.yaml", 2, 7, 2, 13)


@pytest.mark.parametrize("before", ["", "\ufeff"])
def test_crlf_and_a_byte_order_mark_change_no_place(before: str) -> None:
    plain, other = one(TEXT), one(before + TEXT.replace("\n", "\r\n"))
    assert other.value == plain.value
    for pointer in [("specs", "last", 1), ("specs", "other", "script"), ("specs", "fix-é😀", "n")]:
        assert other.span(pointer) == plain.span(pointer)
    place = ("specs", "other", "script")
    assert other.inside(place, 2) == plain.inside(place, 2)


def test_every_document_of_a_file_has_its_own_places() -> None:
    documents, findings = read("f.yaml", b"a: 1\n---\n# c\nb: {c: 2}\n...\n---\n- x\n")
    assert findings == []
    assert [d.value for d in documents] == [{"a": 1}, {"b": {"c": 2}}, ["x"]]
    assert [d.span(()).line for d in documents] == [1, 4, 7]
    assert documents[1].span(("b", "c")) == Span("f.yaml", 4, 8, 4, 9)


@pytest.mark.parametrize(
    ("line", "start", "end", "expected"),
    [(0, 0, None, "rung one"), (1, 0, None, ""), (2, 0, None, "  rung two"), (2, 7, 10, "two")],
)
def test_a_place_inside_a_literal_block(
    line: int, start: int, end: int | None, expected: str
) -> None:
    span = one(TEXT).inside(("specs", "other", "script"), line, start, end)
    assert (span.line, covered(TEXT, span)) == (15 + line, expected)


@pytest.mark.parametrize(
    ("written", "part", "expected"),
    [
        ("a(b+)c", (0, 2, 4), "b+"),
        ("'a(b+)c'", (0, 2, 4), "b+"),
        ('"a(b+)c"', (0, 1, None), "(b+)c"),
        ('"a(\\x62+)c"', (0, 2, 4), '"a(\\x62+)c"'),
        ("'it''s'", (0, 1, 2), "'it''s'"),
        (">\n  one\n  two", (0, 0, 1), ">\n  one\n  two"),
        ("a\n  b", (0, 0, 1), "a\n  b"),
        ("text", (3, 0, 1), "text"),
        ("[x]", (0, 0, 1), "[x]"),
    ],
)
def test_a_place_inside_other_texts(
    written: str, part: tuple[int, int, int | None], expected: str
) -> None:
    text = f"k: {written}\n"
    assert covered(text, one(text).inside(("k",), *part)) == expected


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *[("1", 1), ("-3", -3), ("+7", 7), ("0", 0), ("1.5", 1.5), (".5", 0.5), ("5.", 5.0)],
        *[("1.5e+3", 1500.0), ("9007199254740991", 2**53 - 1), ("4.00", 4.0), ("-0.0", 0.0)],
        *[("true", True), ("False", False), ("TRUE", True), ("tRue", "tRue")],
        *[('"1"', "1"), ("'true'", "true"), ('""', ""), ('"~"', "~"), ("nullable", "nullable")],
        *[("v1", "v1"), ("1.2.3", "1.2.3"), ("3 things", "3 things"), ("-x", "-x"), (".", ".")],
        *[("not", "not"), ("a b", "a b"), ("1-2", "1-2"), ("[1, x]", [1, "x"]), ("{}", {})],
    ],
)
def test_scalars_follow_the_core_schema(written: str, value: object) -> None:
    found = one(f"k: {written}\n").value["k"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("written", "value"), [("no", "no"), ("0012", 12), ("1_000", "1_000"), ("0x1F", "0x1F")]
)
def test_a_warning_changes_no_value(written: str, value: object) -> None:
    (document,), (finding,) = read("f.yaml", f"k: {written}\n".encode())
    assert document.value == {"k": value}
    assert finding.severity == "warning"


def test_the_first_of_two_keys_counts_and_keeps_its_place() -> None:
    (document,), _ = read("f.yaml", b"a: {x: 1}\na: [2]\nb: 3\n")
    assert document.value == {"a": {"x": 1}, "b": 3}
    assert document.span(("a", "x")) == Span("f.yaml", 1, 8, 1, 9)


def test_a_tree_beside_a_syntax_error_is_kept() -> None:
    documents, findings = read("f.yaml", b"a: 1\n---\nb: 'x\n")
    assert [d.value for d in documents] == [{"a": 1}]
    assert [f.code for f in findings] == ["R010"]


class Written(NamedTuple):
    """YAML text of a value, and the text of each scalar in it."""

    text: str
    value: Any
    scalars: dict[Pointer, str]


PLAIN = st.from_regex(r"[a-zé😀][a-z0-9é]{3,6}", fullmatch=True)
QUOTED = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=8)
SCALAR = st.one_of(
    PLAIN.map(lambda s: (s, s)),
    st.integers(-99, 999).map(lambda n: (str(n), n)),
    QUOTED.map(lambda s: (json.dumps(s, ensure_ascii=False), s)),
    QUOTED.map(lambda s: ("'" + s.replace("'", "''") + "'", s)),
).filter(lambda pair: pair[0] not in ("null", "true", "false"))
TREE = st.recursive(
    SCALAR,
    lambda below: (
        st.lists(below, min_size=1, max_size=4)
        | st.dictionaries(PLAIN, below, min_size=1, max_size=4)
    ),
    max_leaves=20,
)


def flow(tree: Any, at: Pointer) -> Written:
    """The tree on one line, with some white space."""
    if isinstance(tree, tuple):
        return Written(tree[0], tree[1], {at: tree[0]})
    if isinstance(tree, list):
        items = [flow(item, (*at, i)) for i, item in enumerate(tree)]
        scalars = {k: v for w in items for k, v in w.scalars.items()}
        text = "[ " + " ,  ".join(w.text for w in items) + "]"
        return Written(text, [w.value for w in items], scalars)
    entries = {key: flow(item, (*at, key)) for key, item in tree.items()}
    scalars = {k: v for w in entries.values() for k, v in w.scalars.items()}
    text = "{" + ", ".join(f"{key}:  {w.text}" for key, w in entries.items()) + " }"
    return Written(text, {key: w.value for key, w in entries.items()}, scalars)


def block(tree: Any, at: Pointer, indent: str) -> Written:
    """The tree over many lines, with comments and empty lines; what is deep in it in flow."""
    if isinstance(tree, tuple) or len(at) > 2:
        return flow(tree, at)
    pairs = enumerate(tree) if isinstance(tree, list) else tree.items()
    parts, scalars, values = [], {}, []
    for key, item in pairs:
        w = block(item, (*at, key), indent + "  ")
        scalars |= w.scalars
        values.append((key, w.value))
        head = "-" if isinstance(tree, list) else f"{key}:"
        nested = not isinstance(item, tuple) and len(at) < 2
        parts.append(f"{indent}{head}{f'  # c{chr(10)}{chr(10)}' if nested else ' '}{w.text}")
    value = [v for _, v in values] if isinstance(tree, list) else dict(values)
    return Written("\n".join(parts), value, scalars)


@given(TREE)
def test_the_place_of_every_scalar_covers_its_text(tree: Any) -> None:
    written = block(tree, (), "")
    text = f"# begin\n{written.text}\n\n# end\n"
    documents, findings = read("f.yaml", text.encode())
    assert [f for f in findings if f.severity == "error"] == []
    assert documents[0].value == written.value
    for pointer, scalar in written.scalars.items():
        assert covered(text, documents[0].span(pointer)) == scalar
        if pointer and isinstance(pointer[-1], str):
            assert covered(text, documents[0].span(pointer, key=True)) == pointer[-1]
