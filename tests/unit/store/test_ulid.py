"""Ids that only grow."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from rungbook.store.ulid import Ulids, ulid, ulids


def test_they_rise_within_a_millisecond_and_over_many() -> None:
    ids = [ulid() for _ in range(5000)] + ulids(5000)
    assert ids == sorted(set(ids))
    assert {len(each) for each in ids} == {26}


def test_they_rise_when_the_clock_steps_back(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Ulids()
    (before,) = source.take(1)
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert source.take(2)[0] > before


def test_they_carry_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1469918176385 * 1_000_000)
    assert Ulids().take(1)[0].startswith("01ARYZ6S41")  # the example of the ULID specification


def test_threads_never_get_the_same() -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = [each for batch in pool.map(lambda _: ulids(500), range(16)) for each in batch]
    assert len(set(ids)) == 8000


def test_a_forked_child_does_not_go_on_from_its_parents_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 10**18)
    ulid()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, ulid().encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(read, 26).decode()
    assert theirs != ulid()
    os.close(read)
    os.close(write)
