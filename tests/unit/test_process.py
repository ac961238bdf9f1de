import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from rungbook import process
from rungbook.errors import ToolMissing
from rungbook.process import Box, Isolation, Limits, run, run_blocking, which

LEVELS: list[Isolation] = ["none"]
if process.isolated() == "bubblewrap":
    LEVELS.append("bubblewrap")


@pytest.fixture(params=LEVELS)
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Box:
    tree = tmp_path / "tree"
    tree.mkdir()
    return Box(tree, Path("/srv/project"), isolation=request.param)


def shell(box: Box, script: str, **limits: float) -> process.Exit:
    return run_blocking(["sh", "-c", script], box, Limits(**{"seconds": 10, **limits}))  # type: ignore[arg-type]


def running(marker: str) -> list[str]:
    """Command lines of processes that still carry a marker."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if marker.encode() in words and state != "Z":
            found.append(str(words))
    return found


def eventually(check: Callable[[], bool], seconds: float = 5) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if check():
            return True
        time.sleep(0.01)
    return check()


def test_status_and_both_outputs(box: Box) -> None:
    end = shell(box, "echo out; echo err >&2; exit 3")
    assert (end.status, end.output, end.because) == (3, "out\nerr\n", "")


def test_a_signal_is_128_and_its_number(box: Box) -> None:
    assert shell(box, "kill -TERM $$").status == 128 + signal.SIGTERM


def test_works_in_the_tree(box: Box) -> None:
    end = shell(box, "pwd; echo x > made")
    assert end.output.strip() == str(box.inside)
    assert (box.tree / "made").read_text() == "x\n"


def test_sees_an_allow_list_and_an_empty_home(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET_KEY", "canary")
    end = shell(box, "env; ls -A $HOME | wc -l; echo x > $HOME/y; cat /proc/1/environ")
    assert "canary" not in end.output
    assert f"HOME={os.environ['HOME']}\n" not in end.output
    assert "\n0\n" in end.output


def test_variables_of_the_box_come_in(tmp_path: Path) -> None:
    box = Box(tmp_path, tmp_path, variables={"CI": "yes", "HOME": "/h"}, isolation="none")
    assert shell(box, "echo $CI $HOME").output == "yes /h\n"


def test_time_is_limited(box: Box) -> None:
    end = shell(box, "echo before; sleep 60", seconds=0.5)
    assert (end.status, end.because, end.output) == (None, "time", "before\n")
    assert end.seconds < 5


@pytest.mark.parametrize("seconds", [3e6, 1e300])
def test_a_time_beyond_what_the_system_can_wait(box: Box, seconds: float) -> None:
    assert shell(box, "echo done", seconds=seconds).output == "done\n"


def test_cpu_is_limited(box: Box) -> None:
    end = shell(box, "while :; do :; done", cpu_seconds=1)
    assert (end.status, end.because) == (None, "time")
    assert end.seconds < 8


def test_output_is_limited(box: Box) -> None:
    end = shell(box, "yes", output_bytes=10_000)
    assert (end.status, end.because, len(end.output)) == (None, "output", 10_000)


def test_file_size_and_memory_are_limited(box: Box) -> None:
    end = shell(box, "head -c 2000000 /dev/zero > big", file_bytes=1_000_000)
    assert end.status != 0
    assert (box.tree / "big").stat().st_size <= 1_000_000
    hungry = ["python3", "-c", "x = b'x' * 400_000_000"]
    assert run_blocking(hungry, box, Limits(10, memory_bytes=200_000_000)).status != 0


def test_a_missing_program(box: Box) -> None:
    end = run_blocking(["no-such-program"], box, Limits(5))
    assert (end.status, end.because) == (None, "missing")


def test_a_file_that_cannot_be_started(tmp_path: Path) -> None:
    (tmp_path / "bad").write_text("#!/no/such/interpreter\n")
    (tmp_path / "bad").chmod(0o755)
    end = run_blocking(["./bad"], Box(tmp_path, tmp_path, isolation="none"), Limits(5))
    assert (end.status, end.because) == (None, "missing")


def test_names_are_looked_up_on_the_box_path_then_beside_us(tmp_path: Path) -> None:
    tool = tmp_path / "bin" / "tool"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho mine\n")
    tool.chmod(0o755)
    box = Box(tmp_path, tmp_path, variables={"PATH": f"{tool.parent}:/usr/bin:/bin"})
    assert which("tool", box) == tool
    assert which("./bin/tool", box) == tool
    assert which("./bin", box) is None
    bare = Box(tmp_path, tmp_path, variables={"PATH": "/nowhere"})
    assert which("tool", bare) is None
    assert which("ruff", bare) is not None


def test_ruff_runs_though_it_is_on_no_path(box: Box) -> None:
    box = Box(box.tree, box.at, variables={"PATH": "/usr/bin:/bin"}, isolation=box.isolation)
    assert run_blocking(["ruff", "--version"], box, Limits(10)).output.startswith("ruff ")


def test_our_interpreter_runs_in_the_box(box: Box) -> None:
    assert run_blocking([sys.executable, "-c", "import ssl"], box, Limits(20)).status == 0


def test_a_daemon_does_not_survive(box: Box, tmp_path: Path) -> None:
    marker = f"daemon-of-{tmp_path.name}"
    daemon = f"import time; time.sleep(300)  # {marker}"
    script = textwrap.dedent(f"""
        import os, sys
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execvp("python3", ["python3", "-c", {daemon!r}, {marker!r}])
            os._exit(0)
        print("started")
    """)
    end = run_blocking(["python3", "-c", script], box, Limits(20))
    assert (end.status, end.output) == (0, "started\n")
    assert running(marker) == []


def test_a_program_that_signals_its_group_hits_only_itself(box: Box) -> None:
    end = shell(box, "kill -KILL 0")
    assert end.status == 128 + signal.SIGKILL


def test_a_fork_bomb_ends_with_its_time(tmp_path: Path) -> None:
    marker = f"bomb-of-{tmp_path.name}"
    script = "import os,time\nfor _ in range(6): os.fork()\ntime.sleep(300)"
    box = Box(tmp_path, tmp_path, isolation="none")
    end = run_blocking(["python3", "-c", script, marker], box, Limits(1))
    assert end.because == "time"
    assert running(marker) == []


def test_cancelling_leaves_nothing(box: Box, tmp_path: Path) -> None:
    marker = f"cancelled-of-{tmp_path.name}"

    async def main() -> None:
        with anyio.move_on_after(0.5) as scope:
            script = 'sh -c "sleep 300; :" $0 & wait'
            await run(["sh", "-c", script, marker], box, Limits(60))
        assert scope.cancelled_caught

    anyio.run(main)
    assert running(marker) == []


def test_run_gives_the_same_as_blocking(box: Box) -> None:
    async def main() -> process.Exit:
        return await run(["sh", "-c", "echo hello; exit 4"], box, Limits(10))

    end = anyio.run(main)
    assert (end.status, end.output) == (4, "hello\n")


def test_nothing_survives_the_engine(box: Box, tmp_path: Path) -> None:
    marker = f"orphan-of-{tmp_path.name}"
    engine = textwrap.dedent(f"""
        from pathlib import Path
        from rungbook.process import Box, Limits, run_blocking
        box = Box(Path({str(box.tree)!r}), Path("/srv/project"), isolation={box.isolation!r})
        script = 'setsid sh -c "sleep 300; :" $0 & sleep 300'
        run_blocking(["sh", "-c", script, {marker!r}], box, Limits(600))
    """)
    where = {**os.environ, "PYTHONPATH": str(Path(process.__file__).parents[1])}
    with subprocess.Popen([sys.executable, "-c", engine], env=where) as started:
        assert eventually(lambda: len(running(marker)) >= 2)
        started.kill()
    assert eventually(lambda: running(marker) == [])


def test_killing_the_supervisor_kills_the_program(tmp_path: Path) -> None:
    box = Box(tmp_path, tmp_path, isolation="none")
    end = shell(box, "kill -KILL $PPID; sleep 60")
    assert (end.status, end.because) == (None, "killed")
    assert end.seconds < 5


def test_isolation_set_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNGBOOK_ISOLATION", "none")
    assert process.isolated() == "none"


def test_bubblewrap_asked_for_but_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "true").symlink_to("/bin/true")
    with pytest.raises(ToolMissing):
        run_blocking(["true"], Box(tmp_path, tmp_path, isolation="bubblewrap"), Limits(5))
