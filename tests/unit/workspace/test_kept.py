"""A change that is kept comes back byte for byte, or not at all."""

import zlib

import pytest

from rungbook.errors import StateFailed
from rungbook.workspace.changes import Change
from rungbook.workspace.kept import Kept

KEPT = Kept(
    (
        Change("a\udcff\n.py", "M", "100755", "2", "100644", "1", False),
        Change("conftest.py", "A", "100644", "3", "", "", True),
        Change("gone", "D", "", "", "120000", "4", False),
    ),
    {"1": b"old\n", "2": bytes(range(256)) * 9, "3": b"", "4": b"a"},
)


def test_it_comes_back_as_it_was():
    name, packed = KEPT.packed()
    assert Kept.unpacked(name, packed) == KEPT
    assert Kept.unpacked(name, packed).packed() == (name, packed)
    assert KEPT.sensitive == ("conftest.py",)


def test_the_same_change_has_the_same_id_and_no_other():
    again = Kept(KEPT.changes, dict(reversed(KEPT.blobs.items())))
    assert again.packed() == KEPT.packed()
    other = Kept(KEPT.changes, {**KEPT.blobs, "3": b"x"})
    assert other.packed()[0] != KEPT.packed()[0]


def test_what_is_damaged_is_not_used():
    name, packed = KEPT.packed()
    other = Kept((), {}).packed()[1]
    for bad in (b"", b"junk", packed[:-5], other, zlib.compress(b"")):
        with pytest.raises(StateFailed, match="damaged"):
            Kept.unpacked(name, bad)


def test_taken_back_twice_is_the_change():
    back = KEPT.reversed()
    assert [c.status for c in back.changes] == ["M", "D", "A"]
    assert (back.changes[2].mode, back.changes[2].blob) == ("120000", "4")
    assert back.reversed() == KEPT
