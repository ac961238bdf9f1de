"""Which specs decide, and from where in git they came."""

from pathlib import Path

import pytest

from fakes.projects import written
from fakes.repos import git, repository, trapped
from rungbook.errors import NotFound, SpecsBroken
from rungbook.runtime.specs import Origin, check, compiled, origin

SPEC = (
    "apiVersion: rungbook/v1\nkind: Model\n"
    "specs:\n  fix: {worker: {command: [ruff]}, class: tool}\n"
)


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    return repository(tmp_path, {"rules/specs/a.yaml": SPEC}) / "rules" / "specs"


def test_built_in_specs_and_folders_outside_of_git_have_no_commit(tmp_path: Path) -> None:
    assert origin(None) == origin(written(tmp_path, {"a.yaml": SPEC})) == Origin()


def test_specs_in_git_are_those_of_a_commit(specs: Path) -> None:
    head = git(specs, "rev-parse", "HEAD")
    assert origin(specs) == Origin(head, dirty=False)
    (specs / "a.yaml").write_bytes(SPEC.replace("\n", "\r\n").encode())
    assert origin(specs) == Origin(head, dirty=False)


@pytest.mark.parametrize("path", ["a.yaml", "new b.yml"])
def test_changed_and_new_specs_are_no_longer_the_commits(path: str, specs: Path) -> None:
    written(specs, {path: SPEC.replace("fix", "other")})
    assert origin(specs).dirty


def test_a_hostile_repository_runs_nothing(specs: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    trapped(tmp_path, mark)
    written(specs, {"a.yaml": SPEC.replace("fix", "other")})
    assert origin(specs).dirty
    assert not mark.exists()


def test_compiled(specs: Path) -> None:
    assert list(compiled(specs).models) == ["fix"]
    assert len(compiled(None).models) > 1
    with pytest.raises(NotFound):
        compiled(specs / "nowhere")
    written(specs, {"a.yaml": SPEC.replace("class", "clas"), "b.yaml": "kind: Model\n"})
    with pytest.raises(SpecsBroken, match=r"a\.yaml:\d:.* \(and \d more\)"):
        compiled(specs)


def test_check_reads_over_the_built_in_names_or_alone(specs: Path) -> None:
    assert len(check([specs]).entries) > len(check([specs], alone=True).entries) == 1
    with pytest.raises(NotFound):
        check([specs / "nowhere"])
