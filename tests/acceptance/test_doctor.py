"""`rungbook doctor` as users meet it: on machines that lack something, and on one that is whole."""

import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.environments import environment
from fakes.ladders import FIX, rules, shop
from fakes.live import state
from fakes.machine import FOLDERS, Said, fingerprint, rungbook
from fakes.projects import written
from fakes.servers import Server
from rungbook import host
from rungbook.cli import main
from rungbook.store.layout import segments

CANARY = "k-canary-77"
HOSTS = ("LMSTUDIO", "OLLAMA", "ANTHROPIC", "GEMINI", "OPENAI")


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where connections are refused at once."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


@pytest.fixture(autouse=True)
def alone(nobody: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No host of the machine is asked, and no key of it is there."""
    for name in HOSTS:
        monkeypatch.setenv(f"RUNGBOOK_HOSTS__{name}__URL", nobody)
        monkeypatch.delenv(f"{name}_API_KEY", raising=False)
    monkeypatch.delenv("OLLAMA_HOST", raising=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return shop(tmp_path / "shop")


Doctor = Callable[..., Said]


@pytest.fixture
def doctor(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Doctor:
    """Calls the command in this process, for the project."""

    def call(*more: str | Path, **variables: str) -> Said:
        with monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            status = main(["doctor", "--repo", str(project), *map(str, more)])
        said = Said(status, *capsys.readouterr())
        assert not said.err, said
        return said

    return call


def signs(said: Said) -> dict[str, list[dict[str, Any]]]:
    """The signs of the JSON form, by what they are about."""
    found: dict[str, list[dict[str, Any]]] = {}
    for sign in json.loads(said.out)["signs"]:
        assert set(sign) == {"group", "mark", "what", "detail", "next_step"}
        found.setdefault(sign["what"], []).append(sign)
    return found


def models(**providers: dict[str, str]) -> str:
    """The text of specs of free models."""
    known = {
        name: {"provider": provider, "class": "small", "family": name, "tier": 1}
        for name, provider in providers.items()
    }
    return json.dumps({"apiVersion": "rungbook/v1", "kind": "Model", "specs": known})


def test_a_machine_without_any_model_is_no_failure_and_is_left_as_it_was(
    project: Path, own_machine: Path
) -> None:
    before = fingerprint(own_machine), fingerprint(project)
    said = rungbook("doctor", cwd=project)
    assert (fingerprint(own_machine), fingerprint(project)) == before
    assert said.status == 0
    assert len(said.out.splitlines()) <= 50
    for line in ("ollama serve", "lms server start", "export ANTHROPIC_API_KEY=…"):
        assert f"= {line}\n" in said.out
    assert "python -m unittest discover" in said.out
    assert "\x1b" not in said.out
    assert said.out.endswith(" warnings\n")


def test_json_says_the_same(doctor: Doctor) -> None:
    told = signs(doctor("--json"))
    assert [s["mark"] for s in told["ollama"]] == ["warn"]
    assert told["specs"][0]["mark"] == "ok"
    assert told["coding/critical"][0]["mark"] == "warn"
    text = doctor().out
    assert all(f" {what} " in text for what in told)


def test_hosts_are_asked_what_they_have(tmp_path: Path, doctor: Doctor) -> None:
    ours = written(
        tmp_path / "specs",
        {
            "m.yaml": models(
                there={"type": "ollama", "id": "qwen3:4b"},
                studio={"type": "openai-compatible", "id": "phi-4"},
            )
        },
    )
    with Server() as server:
        server.has({"qwen3:4b": 32768, "phi-4": 16384})
        hosts = {
            "RUNGBOOK_HOSTS__OLLAMA__URL": server.ollama_url,
            "RUNGBOOK_HOSTS__LMSTUDIO__URL": server.openai_url,
        }
        told = signs(doctor("--specs", ours, "--json", **hosts))
        asked = server.seen()
    assert {s["detail"] for s in told["ollama"]} >= {"has there"}
    assert {s["detail"] for s in told["lmstudio"]} >= {"has studio"}
    assert "anthropic" not in told
    assert {r.path for r in asked} >= {"/api/tags", "/v1/models"}
    assert not [r for r in asked if "chat" in r.path]


def test_a_missing_model_and_its_command(doctor: Doctor) -> None:
    with Server() as server:
        server.has({"qwen2.5-coder-32b-instruct": 32768})
        url = {"RUNGBOOK_HOSTS__LMSTUDIO__URL": server.openai_url}
        told = signs(doctor("--json", **url))
    [sign] = told["qwen2.5-14b"]
    assert sign["mark"] == "warn"
    assert sign["next_step"].startswith("lms get qwen2.5-14b-instruct-q4_k_m")


def test_a_key_goes_only_where_nobody_reads_along_and_is_never_shown(
    tmp_path: Path, doctor: Doctor
) -> None:
    ours = written(
        tmp_path / "specs",
        {"m.yaml": models(far={"type": "openai-compatible", "host": "far", "id": "x"})},
    )
    with Server() as server:
        server.has({"x": 8000})
        variables = {"RUNGBOOK_HOSTS__FAR__KEY__ENV": "FAR_KEY", "FAR_KEY": CANARY}
        here = {"RUNGBOOK_HOSTS__FAR__URL": server.openai_url}
        called = ("--specs", ours)
        fine = doctor(*called, **variables, **here)
        assert any(CANARY in str(r.headers) for r in server.seen())
        known = len(server.seen())
        # The same server, by an address that does not say so.
        url = server.openai_url.replace("127.0.0.1", "0.0.0.0")  # noqa: S104 - called, not bound
        open_ = {"RUNGBOOK_HOSTS__FAR__URL": url}
        plain = doctor(*called, **variables, **open_)
        assert len(server.seen()) == known
    assert (fine.status, plain.status) == (0, 1)
    assert "is not https, so its key is not sent" in plain.out
    assert CANARY not in fine.out + plain.out


def test_specs_and_settings_that_are_broken(
    tmp_path: Path, doctor: Doctor, own_machine: Path
) -> None:
    bad = written(tmp_path / "bad", {"m.yaml": models(a={"type": "nonsense", "id": "x"})})
    said = doctor("--specs", bad)
    assert said.status == 1
    assert f"= rungbook check --alone {bad}\n" in said.out
    assert doctor("--specs", tmp_path / "nowhere").status == 1
    settings = own_machine / FOLDERS["XDG_CONFIG_HOME"] / "rungbook"
    written(settings, {"settings.toml": "nonsense = 3\n"})
    told = signs(said := doctor("--json"))
    assert said.status == 1
    assert (told["settings"][0]["mark"], told["hosts"][0]["mark"]) == ("fail", "skip")
    assert told["git"][0]["mark"] == "ok"


def test_tools_of_the_project_come_first(tmp_path: Path, project: Path, doctor: Doctor) -> None:
    venv = environment(project / ".venv", {}, with_pytest=True)
    written(project, {"tests/test_new.py": "import pytest\n", ".gitignore": ".venv/\n"})
    ours = rules(tmp_path / "specs", {"fix": FIX, "gone": FIX})
    file = ours / "Model.yaml"
    file.write_text(file.read_text().replace('"sh"', '"pytest"', 1).replace('"sh"', '"no-such"', 1))
    told = signs(doctor("--specs", ours, "--json"))
    assert str(venv / "bin" / "pytest") in told["pytest"][0]["detail"]
    assert (told["no-such"][0]["mark"], told["coding/repair"][0]["detail"]) == (
        "warn",
        "1 of 2 rungs: fix",
    )
    assert told["test command"][0]["mark"] == "ok"
    shutil.rmtree(next(venv.glob("lib/*/site-packages/pytest")))
    told = signs(doctor("--specs", ours, "--json"))
    assert told["test command"][0]["next_step"] == "install pytest where the project finds it"


def test_a_state_after_a_run_and_after_an_accident(
    tmp_path: Path, project: Path, doctor: Doctor
) -> None:
    ours = rules(tmp_path / "specs", {"fix": FIX})
    run = rungbook("run", "Fix it", "--repo", project, "--specs", ours, RUNGBOOK_ISOLATION="none")
    assert run.status == 0, run
    before = fingerprint(state(project))
    told = signs(said := doctor("--specs", ours, "--json"))
    assert fingerprint(state(project)) == before
    assert said.status == 0
    assert told["records"][0]["detail"].startswith("1 plans, 1 attempts, 1 checks")
    assert (told["views"][0]["mark"], told["runs"][0]["mark"]) == ("ok", "ok")
    [segment] = segments(state(project), "attempts")
    segment.write_bytes(b"garbage\n" + segment.read_bytes())
    said = doctor("--specs", ours)
    assert said.status == 1
    assert f"{segment}:1: " in said.out


def test_a_run_that_waits_is_named(tmp_path: Path, project: Path, doctor: Doctor) -> None:
    ours = rules(tmp_path / "specs", {"dear": {"line": FIX, "most": {"usd": 1}}})
    assert rungbook("run", "x", "--repo", project, "--specs", ours).status == 2
    said = doctor("--specs", ours)
    assert said.status == 0
    assert "1 waiting for an answer" in said.out
    assert "= rungbook review\n" in said.out


def test_isolation_by_hand(doctor: Doctor) -> None:
    told = signs(doctor("--json", RUNGBOOK_ISOLATION="none"))
    assert [s["group"] for s in told["none"]] == ["isolation"]
    said = doctor(RUNGBOOK_ISOLATION="jail")
    assert (said.status, "RUNGBOOK_ISOLATION is 'jail'" in said.out) == (1, True)


@pytest.mark.skipif(not host.LINUX, reason="bubblewrap is for Linux")
def test_what_bubblewrap_says_is_passed_on(tmp_path: Path, project: Path) -> None:
    written(tmp_path, {"bin/bwrap": "#!/bin/sh\necho 'setting up uid map: no'; exit 1\n"})
    (tmp_path / "bin" / "bwrap").chmod(0o755)
    search = os.pathsep.join((str(tmp_path / "bin"), os.environ["PATH"]))
    for forced, status in (("", 0), ("bubblewrap", 1)):
        said = rungbook("doctor", cwd=project, PATH=search, RUNGBOOK_ISOLATION=forced)
        assert said.status == status
        assert "setting up uid map: no" in said.out


def test_a_state_folder_that_cannot_be(doctor: Doctor) -> None:
    said = doctor(XDG_STATE_HOME="/dev/null/x")
    assert said.status == 1
    assert "cannot be written to" in said.out
