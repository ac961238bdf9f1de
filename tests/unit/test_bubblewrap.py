"""What a program can reach from inside bubblewrap."""

import os
import socket
from pathlib import Path

import pytest

from rungbook import process
from rungbook.process import Box, Limits, run_blocking
from rungbook.toolchains import toolchains

pytestmark = pytest.mark.skipif(
    process.isolated() != "bubblewrap", reason="bubblewrap does not work here"
)


def inside(box: Box, script: str) -> str:
    return run_blocking(["sh", "-c", script], box, Limits(20)).output


@pytest.fixture
def box(tmp_path: Path) -> Box:
    tree = tmp_path / "tree"
    tree.mkdir()
    return Box(tree, tmp_path / "home" / "project")


def test_nothing_of_the_user_is_there(box: Box, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("canary")
    said = inside(box, f"cat {tmp_path}/secret; ls {tmp_path}; cat ~/.ssh/*; ls /var /srv")
    assert "canary" not in said
    assert "secret: No such file" in said


def test_only_tree_and_scratch_can_be_written(box: Box) -> None:
    said = inside(box, "touch a /tmp/b /dev/shm/c ~/d && touch /e /usr/f /etc/g /dev/h; ls / /dev")
    assert said.count("Read-only file system") == 4
    assert [p.name for p in box.tree.iterdir()] == ["a"]


def test_scratch_is_sized(box: Box) -> None:
    said = inside(box, "df -k --output=size /tmp /dev/shm | tail -n 2")
    assert said.split() == [str(1 << 20)] * 2


def test_there_is_no_network_unless_asked_for(box: Box) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        script = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
        without = run_blocking(["python3", "-c", script], box, Limits(20))
        networked = Box(box.tree, box.at, network=True)
        assert without.status != 0
        assert run_blocking(["python3", "-c", script], networked, Limits(20)).status == 0


def test_other_processes_are_not_seen(box: Box) -> None:
    assert f"\n{os.getpid()}\n" not in inside(box, "ls /proc")


def test_mounts_go_where_they_are_asked_for(box: Box, tmp_path: Path) -> None:
    for name in ("reading", "writing"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    box = Box(
        box.tree,
        box.at,
        read_only=((tmp_path / "reading", box.at / ".venv"),),
        writable=((tmp_path / "writing", Path("/opt/cache")),),
    )
    said = inside(box, "cat .venv/file /opt/cache/file; echo x > .venv/y; echo x > /opt/cache/z")
    assert said.startswith("readingwriting")
    assert "Read-only file system" in said
    assert (tmp_path / "writing" / "z").exists()


def test_the_project_is_not_shown_by_its_own_path_entries(tmp_path: Path) -> None:
    project, tree = tmp_path / "project", tmp_path / "tree"
    for root, word in ((project, "theirs"), (tree, "ours")):
        (root / "bin").mkdir(parents=True)
        (root / "lib").mkdir()
        (root / "bin" / "tool").write_text(f"#!/bin/sh\necho {word}\n")
        (root / "bin" / "tool").chmod(0o755)
    (project / "private").write_text("canary")
    search = f"{project / 'bin'}:{os.environ['PATH']}"
    box = Box(tree, project, variables={"PATH": search})
    assert inside(box, "tool; cat private").startswith("ours\ncat: private: No such file")


def test_a_tool_installed_by_itself_runs(tmp_path: Path) -> None:
    """As pipx does: a link on the PATH to a program in an installation of its own."""
    (tmp_path / "bin").mkdir()
    installed = tmp_path / "share" / "tool"
    (installed / "bin").mkdir(parents=True)
    (installed / "lib").mkdir()
    (installed / "lib" / "data").write_text("found\n")
    script = '#!/bin/sh\ncat "$(dirname "$(readlink -f "$0")")/../lib/data"\n'
    (installed / "bin" / "tool").write_text(script)
    (installed / "bin" / "tool").chmod(0o755)
    (tmp_path / "bin" / "tool").symlink_to(installed / "bin" / "tool")
    tree = tmp_path / "tree"
    tree.mkdir()
    search = f"{tmp_path / 'bin'}:/usr/bin:/bin"
    box = Box(tree, tree, variables={"PATH": search})
    assert run_blocking(["tool"], box, Limits(5)).output == "found\n"
    assert inside(box, f"cat {installed}/lib/data") != "found\n"


def test_the_home_folder_is_never_a_toolchain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    for folder in ("bin", "lib", ".local/bin", ".local/lib", "tools/node/bin", "tools/node/lib"):
        (home / folder).mkdir(parents=True)
    (home / ".pyenv" / "shims").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    entries = (home / "bin", home / ".local" / "bin", home / "tools" / "node" / "bin", home)
    search = ":".join(map(str, (*entries, home / ".pyenv" / "shims", "relative", "/usr/bin")))
    box = Box(tmp_path / "tree", home / "project", variables={"PATH": search})
    found = [p for p in toolchains(box, Path("/bin/true")) if p.is_relative_to(tmp_path)]
    wanted = ["bin", ".local/bin", "tools/node", ".pyenv"]
    assert found == [home / path for path in wanted]
