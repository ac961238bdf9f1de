"""Whatever model servers do, every run ends in a record, and nothing is left or paid for twice."""

import pytest

from fakes import faults, kills
from fakes.servers import Server


@pytest.mark.parametrize(
    ("runs", "at_once"), [(4, 4), pytest.param(40, 16, marks=pytest.mark.slow)]
)
def test_runs_over_servers_that_fail(tmp_path, runs, at_once):
    result = faults.survive(tmp_path, runs, at_once)
    assert result.requests >= runs


def test_a_driver_that_is_killed_pays_for_nothing_twice(tmp_path):
    with Server() as server:
        kills.survive(tmp_path, server, [0.9, 1.4])


@pytest.fixture(scope="module")
def seconds(tmp_path_factory, bytecode):
    """What an undisturbed run takes."""
    tmp_path = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        patch.setenv("PYTHONPYCACHEPREFIX", str(bytecode))
        return kills.took(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 20))
def test_a_driver_that_is_killed_at_random(seed, tmp_path, seconds):
    with Server() as server:
        kills.survive(tmp_path, server, kills.at_random(seed, seconds, 4))
