"""Whatever a file holds and a model answers: what is written down is done, or nothing is."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.repos import snapshot
from rungbook.workspace.edits import edit
from rungbook.workspace.splice import Splice, Text

LINE = st.one_of(
    st.sampled_from(["", "x", "  x", "\tx ", "=======", ">>>>>>> REPLACE", "```", "é\u2028\u0085"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\0"), max_size=12),
)
LINES = st.lists(LINE, max_size=12)
SIGNS = 11
"""Longer marks than any that stand in the lines above."""


def block(path: str, old: list[str], new: list[str]) -> str:
    parts = ["<" * SIGNS + " SEARCH", *old, "=" * SIGNS, *new, ">" * SIGNS + " REPLACE"]
    return "\n".join([path, *parts, ""])


@given(LINES, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans())
def test_a_text_is_its_bytes(lines: list[str], newline: str, bom: bool, final: bool) -> None:
    raw = (b"\xef\xbb\xbf" if bom else b"") + newline.join(lines).encode()
    raw += newline.encode() if final else b""
    text = Text.of(raw)
    assert text.spliced([]) == raw
    assert text.spliced([Splice(0, len(text.lines), text.lines)]) == raw


@settings(deadline=None)
@given(st.data(), LINES, LINES, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_a_block_that_is_written_down_is_made(
    data: st.DataObject, lines: list[str], new: list[str], newline: str, final: bool
) -> None:
    unique = [f"{line}{i}" for i, line in enumerate(lines, 100)] + ["end"]
    start = data.draw(st.integers(0, len(unique) - 1))
    stop = data.draw(st.integers(start + 1, len(unique)))
    with TemporaryDirectory() as folder:
        file = Path(folder) / "f"
        file.write_bytes(joined(unique, newline, final))
        reasons = edit(Path(folder), block("f", unique[start:stop], new))
        after = file.read_bytes()
    known = newline if len(unique) > 1 or final else "\n"
    assert reasons == (("the edits change nothing",) if unique[start:stop] == new else ())
    assert after == joined([*unique[:start], *new, *unique[stop:]], known, final)


def joined(lines: list[str], newline: str, final: bool) -> bytes:
    return (newline.join(lines) + (newline if final and lines else "")).encode()


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(["a", "b", "new", "x/new"]), LINES, LINES), max_size=4))
def test_an_answer_is_carried_out_whole_or_not_at_all(
    blocks: list[tuple[str, list[str], list[str]]],
) -> None:
    with TemporaryDirectory() as folder:
        tree = Path(folder)
        (tree / "a").write_text("x\n=======\n  x\n")
        (tree / "b").write_text("```\n\nx\n")
        before = snapshot(tree)
        reasons = edit(tree, "".join(block(*one) for one in blocks))
        after = snapshot(tree)
        assert (after == before) == bool(reasons)
        if not reasons:
            assert set(after) == {"a", "b"} | {path for path, _, _ in blocks}


@settings(deadline=None)
@given(st.text(), st.text())
def test_any_text_is_an_answer(answer: str, inside: str) -> None:
    with TemporaryDirectory() as folder:
        tree = Path(folder)
        (tree / "a").write_text("x\n")
        assert edit(tree, answer)
        edit(tree, f"a\n<<<<<<< SEARCH\n{inside}\n>>>>>>> REPLACE\n")
        assert set(snapshot(tree)) == {"a"}
