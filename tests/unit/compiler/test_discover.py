"""Which files are read, and what is said of those that cannot be."""

import os
from pathlib import Path

import pytest

from rungbook.compiler.discover import content, discover, shown
from rungbook.compiler.source import MAX_BYTES
from rungbook.findings import Finding


def found(*roots: Path) -> list[str]:
    """Paths that are read, and `CODE path: message` of findings."""
    return [
        f"{f.code} {f.span.path}: {f.message}" if isinstance(f, Finding) else shown(f.path)
        for f in discover(roots)
    ]


def write(path: Path, text: str = "a: 1\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_folder_is_read_in_order_with_its_folders() -> None:
    for name in (
        "validator/b.yml",
        "model/z.yaml",
        "model/a.YAML",
        "loose.yaml",
        "model/deep/x.yaml",
    ):
        write(Path("specs", name))
    assert found(Path("specs")) == [
        "specs/loose.yaml",
        "specs/model/a.YAML",
        "specs/model/z.yaml",
        "specs/model/deep/x.yaml",
        "specs/validator/b.yml",
    ]


def test_hidden_files_backups_and_other_files_are_passed_over() -> None:
    write(Path("specs/model/a.yaml"))
    for name in (
        ".a.yaml.swp",
        ".#a.yaml",
        "#a.yaml#",
        "a.yaml~",
        "~a.yaml",
        "README.md",
        ".b.yaml",
    ):
        write(Path("specs/model", name))
    write(Path("specs/.git/c.yaml"))
    assert found(Path("specs")) == ["specs/model/a.yaml"]


def test_a_named_file_is_read_whatever_it_is_called() -> None:
    assert found(write(Path(".hidden.txt"))) == [".hidden.txt"]


def test_content_is_bytes_and_ends_after_the_limit() -> None:
    Path("a.yaml").write_bytes(b"\xff\r\n")
    Path("b.yaml").write_bytes(b"#" * (MAX_BYTES + 10))
    files = [f for f in discover([Path("a.yaml"), Path("b.yaml")]) if not isinstance(f, Finding)]
    first, second = map(content, files)
    assert first == b"\xff\r\n"
    assert isinstance(second, bytes)
    assert len(second) == MAX_BYTES + 1


def test_a_file_is_read_once() -> None:
    real = write(Path("specs/model/a.yaml"))
    Path("specs/model/b.yaml").symlink_to("a.yaml")
    assert found(Path("specs"), real, Path("specs/model")) == ["specs/model/a.yaml"]


def test_what_is_no_file_is_a_finding_and_the_rest_is_read() -> None:
    write(Path("specs/z.yaml"))
    Path("specs/folder.yaml").mkdir()
    Path("specs/gone.yaml").symlink_to("nowhere")
    Path("specs/loop.yaml").symlink_to("loop.yaml")
    os.mkfifo("specs/pipe.yaml")
    Path("specs/linked").symlink_to("..")
    assert found(Path("specs"), Path("missing.yaml"), Path("/dev/null")) == [
        "R001 specs/folder.yaml: a folder",
        "R001 specs/gone.yaml: No such file or directory",
        "R001 specs/linked: a link to a folder",
        "R001 specs/loop.yaml: Too many levels of symbolic links",
        "R001 specs/pipe.yaml: not a regular file",
        "specs/z.yaml",
        "R001 missing.yaml: No such file or directory",
        "R001 /dev/null: not a regular file",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_a_finding() -> None:
    write(Path("specs/a.yaml")).chmod(0)
    write(Path("specs/closed/b.yaml")).parent.chmod(0)
    codes = [f.split()[0] for f in found(Path("specs"), Path("specs/closed/b.yaml"))]
    Path("specs/closed").chmod(0o700)
    assert codes == ["R001", "R001", "R001"]


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b"])
def test_an_impossible_path_is_a_finding(name: str) -> None:
    assert [f.split()[0] for f in found(Path(name))] == ["R001"]


def test_a_name_that_is_not_text_can_be_shown() -> None:
    name = os.fsdecode(b"a\xff.yaml")
    try:
        write(Path("specs", name))
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert found(Path("specs")) == [r"specs/a\xff.yaml"]


def test_a_folder_without_specs_is_a_warning() -> None:
    write(Path("empty/notes.md"))
    (finding,) = discover([Path("empty")])
    assert isinstance(finding, Finding)
    assert (finding.code, finding.severity) == ("R004", "warning")
