"""What the doctor says of facts: nothing here is asked, started or looked at."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from rungbook.errors import NotFound, ToolMissing, UsageError
from rungbook.findings import Finding, Span
from rungbook.models.installed import Installed, Seen
from rungbook.rulebook.matchers import ALWAYS
from rungbook.rulebook.matrix import EscalationMatrix, Ladder, Rung
from rungbook.rulebook.model import Model, Provider, Variant
from rungbook.rulebook.snapshot import Rulebook
from rungbook.rulebook.tables import Row, Table
from rungbook.rulebook.validator import Judge, Parse, Validator
from rungbook.runtime.doctor import isolation, models, providers, rules, state, tools
from rungbook.runtime.doctor.examine import Facts, judge
from rungbook.runtime.doctor.isolation import Walls
from rungbook.runtime.doctor.models import Machine
from rungbook.runtime.doctor.providers import Server
from rungbook.runtime.doctor.rules import Rules
from rungbook.runtime.doctor.signs import Sign, some
from rungbook.runtime.doctor.state import LEAST, ROOM, State
from rungbook.runtime.doctor.tools import Program, Tools
from rungbook.settings import Host, Key, Settings
from rungbook.store.health import Health, Segments

OLLAMA, STUDIO = ("ollama", "ollama"), ("lmstudio", "openai-compatible")
HERE = Host(url="http://127.0.0.1:9")
CLOUD = Host(url="https://api.example.org/v1", key=Key(env="THE_KEY"))


def said(signs: Iterable[Sign]) -> list[tuple[str, str]]:
    return [(sign.mark, sign.what) for sign in signs]


def local(name: str, id: str, **values: Any) -> Model:
    return Model(name, "small", Provider("ollama", id), **values)


def has(*ids: str | Installed, host: Host = HERE) -> Server:
    there = tuple(i if isinstance(i, Installed) else Installed(i) for i in ids)
    return Server(*OLLAMA, host, Seen(True, models=there))


def book(
    *known: Model, rungs: Mapping[str, tuple[str, ...]] | None = None, checker: str = "none",
    verify: str = "syntax",
) -> Rulebook:  # fmt: skip
    """A rulebook whose one ladder has a rung for each model, unless others are given."""
    named = {model.name: model for model in known}
    steps = rungs if rungs is not None else {name: (name,) for name in named}
    table = Table((Row(ALWAYS, checker),))
    ladder = Ladder("fix", tuple(Rung(n, m) for n, m in steps.items()), ((verify,),), table)
    checks = {"syntax": Validator("syntax", Parse()), "sense": Validator("sense", Judge("j"))}
    matrix = EscalationMatrix("coding", "tasks", table, {"fix": ladder})
    return Rulebook("abcdef0123456789", named, {}, checks, {"coding": matrix}, {}, {})


# ── rungbook ─────────────────────────────────────────────────────────────────────────────────────


def finding(code: str) -> Finding:
    return Finding(code, "unknown key `clas`", Span("a.yaml", 3, 5, 3, 9))


def test_specs_that_compile() -> None:
    known = Rules(Settings(), Path("specs"), 3, 2, (), book())
    *_, specs = rules.judge(known)
    assert (specs.mark, specs.what) == ("ok", "specs")
    assert specs.detail == "specs: 3 specs in 2 files, rulebook abcdef012345"
    *_, specs = rules.judge(replace(known, findings=(finding("R004"),)))
    assert (specs.mark, specs.next_step) == ("warn", "rungbook check --alone specs")


def test_specs_that_do_not() -> None:
    *_, specs = rules.judge(Rules(Settings(), None, 3, 2, (finding("R101"),), None))
    assert (specs.mark, specs.next_step) == ("fail", "rungbook check")
    assert specs.detail == "built-in: 1 error; a.yaml:3:5: unknown key `clas`"


def test_settings_and_folders_that_are_not() -> None:
    lacks = (UsageError("settings: hosts: no", "a step"), NotFound("there is no folder x", "y"))
    signs = list(rules.judge(Rules(lacks=lacks)))
    assert said(signs) == [("ok", "rungbook"), ("fail", "settings"), ("fail", "specs")]
    assert [sign.next_step for sign in signs[1:]] == ["a step", "y"]


# ── providers ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("server", "mark", "detail", "step"),
    [
        (has("a", "b"), "ok", "http://127.0.0.1:9, 2 models", ""),
        (
            Server(*OLLAMA, HERE, Seen(True, version="0.12")),
            "ok",
            "version 0.12, says nothing of models",
            "",
        ),
        (Server(*OLLAMA, HERE, Seen(False, "nobody answers")), "warn", "nobody", "ollama serve"),
        (Server(*STUDIO, HERE, Seen(False, "nobody")), "warn", "nobody", "lms server start"),
        (Server("vllm", "x", HERE, Seen(False, "nobody")), "warn", "nobody", "start it, or check"),
        (Server("far", "x", CLOUD, Seen(False, "refuses the key")), "warn", "refuses", "check its"),
        (Server("far", "x", CLOUD, no_key="THE_KEY"), "warn", "THE_KEY", "export THE_KEY=…"),
        (
            Server("far", "x", Host(url="http://far.example.org", key=Key(env="K"))),
            "fail",
            "is not https, so its key is not sent",
            "https in ",
        ),
        (Server("lost", "x"), "warn", "no such host", "add [hosts.lost] with its `url`"),
    ],
)
def test_hosts(server: Server, mark: str, detail: str, step: str) -> None:
    [sign] = providers.judge({(server.name, server.protocol): server})
    assert (sign.mark, sign.what) == (mark, server.name)
    assert detail in sign.detail
    assert sign.next_step.startswith(step)
    assert bool(step) == bool(sign.next_step)


# ── models ───────────────────────────────────────────────────────────────────────────────────────


def test_models_that_are_there() -> None:
    rulebook = book(local("small", "qwen3:4b"), local("plain", "mistral"))
    server = has("qwen3:4b", "mistral:latest")
    [sign] = models.judge(rulebook, {OLLAMA: server}, Machine())
    assert (sign.mark, sign.detail) == ("ok", "has small, plain")


def test_a_missing_model_has_its_command_and_near_names() -> None:
    rulebook = book(local("coder", "qwen2.5-coder:7b-q4"))
    [sign] = models.judge(rulebook, {OLLAMA: has("qwen2.5-coder:7b", "phi4")}, Machine())
    assert (sign.mark, sign.what) == ("warn", "coder")
    assert sign.detail == "ollama has no qwen2.5-coder:7b-q4; it has qwen2.5-coder:7b"
    step = "ollama pull qwen2.5-coder:7b-q4   (or id: qwen2.5-coder:7b in its spec)"
    assert sign.next_step == step


def test_nothing_is_pulled_on_hosts_that_nobody_knows() -> None:
    there = Server("cloud", "openai-compatible", CLOUD, Seen(True, models=(Installed("a"),)))
    model = Model("m", "frontier", Provider("openai-compatible", "b", "cloud"))
    [sign] = models.judge(book(model), {("cloud", "openai-compatible"): there}, Machine())
    assert (sign.mark, sign.next_step) == ("warn", "id: … in its spec")


def test_a_variant_can_be_missing() -> None:
    model = local("small", "qwen3:4b", variants=(Variant("q8", 0.1, "qwen3:4b-q8"),))
    [sign] = models.judge(book(model), {OLLAMA: has("qwen3:4b")}, Machine())
    assert (sign.mark, sign.next_step.split("   ")[0]) == ("warn", "ollama pull qwen3:4b-q8")


def test_models_that_no_ladder_names_are_not_missed() -> None:
    rulebook = book(local("used", "a"), local("idle", "b"), rungs={"one": ("used",)})
    signs = list(models.judge(rulebook, {OLLAMA: has("a")}, Machine()))
    assert said(signs) == [("ok", "ollama"), ("skip", "ollama")]
    rulebook = book(
        local("used", "a"), local("judge", "b"), rungs={"one": ("used",)}, checker="judge"
    )
    assert ("warn", "judge") in said(models.judge(rulebook, {OLLAMA: has("a")}, Machine()))


def test_a_model_too_large_is_not_worth_its_download() -> None:
    rulebook = book(local("large", "big:70b", memory_gb=40))
    asked = {OLLAMA: has("other")}
    [sign] = models.judge(rulebook, asked, Machine(16_000_000_000))
    assert (sign.mark, sign.detail) == ("warn", "takes 40 GB, and this machine has 16 GB")
    assert "pull" not in sign.next_step
    for machine in (Machine(64_000_000_000), Machine(None)):
        [sign] = models.judge(rulebook, asked, machine)
        assert sign.next_step.startswith("ollama pull big:70b")
    elsewhere = {OLLAMA: has("other", host=Host(url="http://gpu.example.org:11434"))}
    [sign] = models.judge(rulebook, elsewhere, Machine(16_000_000_000))
    assert sign.next_step.startswith("ollama pull big:70b")


@pytest.mark.parametrize(("holds", "wrong"), [(4096, True), (8192, False), (None, False)])
def test_a_context_that_the_host_does_not_hold(holds: int | None, wrong: bool) -> None:
    rulebook = book(local("small", "qwen3:4b", context_tokens=8192))
    signs = list(models.judge(rulebook, {OLLAMA: has(Installed("qwen3:4b", holds))}, Machine()))
    assert [s.mark for s in signs] == ["ok", *["fail"] * wrong]
    if wrong:
        assert signs[1].detail == "its spec says it holds 8,192 tokens, ollama says 4,096"


def test_hosts_that_say_nothing() -> None:
    rulebook = book(local("small", "a"))
    silent = Server(*OLLAMA, HERE, Seen(True))
    assert said(models.judge(rulebook, {OLLAMA: silent}, Machine())) == [("skip", "ollama")]
    assert not models.lack({OLLAMA: silent}, set())(rulebook.models["small"])
    dead = Server(*OLLAMA, HERE, Seen(False, "nobody"))
    [sign] = models.judge(rulebook, {OLLAMA: dead}, Machine())
    assert (sign.mark, sign.detail) == ("skip", "1 model of hosts that cannot be used: ollama")


# ── ladders ──────────────────────────────────────────────────────────────────────────────────────

LINT = Model("lint", "tool", command=("linter",))


def ladder(rulebook: Rulebook, server: Server, *missing: str) -> Sign:
    [sign] = models.ladders(rulebook, models.lack({OLLAMA: server}, set(missing)))
    return sign


def test_a_ladder_says_which_of_its_rungs_work() -> None:
    rulebook = book(LINT, local("small", "a"), local("gone", "b"))
    assert ladder(rulebook, has("a")) == Sign("ok", "coding/fix", "2 of 3 rungs: lint, small")
    assert ladder(rulebook, has("a"), "linter").detail == "1 of 3 rungs: small"


def test_a_race_works_with_one_of_its_models() -> None:
    rulebook = book(local("a", "a"), local("b", "b"), rungs={"race": ("a", "b")})
    assert ladder(rulebook, has("b")).detail == "1 of 1 rung: race"


def test_a_ladder_without_a_rung_says_why() -> None:
    sign = ladder(book(LINT, local("small", "a")), has("b"), "linter")
    why = "no rung can work: linter is missing; ollama does not have small"
    assert (sign.mark, sign.detail) == ("warn", why)
    sign = ladder(book(local("small", "a")), Server(*OLLAMA, HERE, no_key="K"))
    assert sign.detail == "no rung can work: ollama cannot be used"


def test_a_judge_is_never_the_worker() -> None:
    alone = book(local("small", "a"), verify="sense")
    assert ladder(alone, has("a")).mark == "warn"
    assert ladder(book(LINT, local("small", "a"), verify="sense"), has("a")).mark == "ok"
    two = book(local("small", "a"), local("other", "b"), rungs={"one": ("small",)}, verify="sense")
    assert ladder(two, has("a", "b")).mark == "ok"
    assert ladder(two, has("a")).mark == "warn"


# ── tools ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("git", "mark"),
    [("2.39.5", "ok"), ("2.50.1 (Apple Git-155)", "ok"), ("2.28.0", "fail"), ("3.0.rc1", "ok")],
)
def test_git(git: str, mark: str) -> None:
    assert next(iter(tools.judge(Tools(git)))).mark == mark


def test_no_git() -> None:
    sign = next(iter(tools.judge(Tools(ToolMissing("git is not installed", "Install git.")))))
    assert (sign.mark, sign.next_step) == ("fail", "Install git.")


def test_programs() -> None:
    programs = (
        Program("mypy", Path("/x/mypy"), ("types",), version="2.4"),
        Program("gone", None, ("a", "b")),
        Program("bench", None, ("speed",), optional=True),
    )
    known = Tools("2.40.0", programs)
    signs = {sign.what: sign for sign in tools.judge(known)}
    assert signs["mypy"] == Sign("ok", "mypy", "2.4 /x/mypy for types")
    assert (signs["gone"].mark, signs["gone"].detail) == ("warn", "is not installed, for a, b")
    assert signs["bench"].mark == "skip"
    assert known.missing == {"gone", "bench"}
    assert signs["test command"].mark == "warn"


# ── isolation ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("walls", "mark", "what", "step"),
    [
        (Walls("bubblewrap"), "ok", "bubblewrap", ""),
        (Walls("none", bwrap=False), "warn", "none", "install bubblewrap: sudo apt"),
        (Walls("none", said="no", sysctl="a.b=0"), "warn", "none", "sudo sysctl -w a.b=0"),
        (Walls("none", said="no", container=True), "warn", "none", "start the container with"),
        (Walls("none", said="no"), "warn", "none", "bwrap --unshare-all"),
        (Walls("none", linux=False, bwrap=False), "warn", "none", "let only workers in"),
        (Walls("none", forced="none"), "warn", "none", "unset RUNGBOOK_ISOLATION"),
        (Walls("bubblewrap", "bubblewrap"), "ok", "bubblewrap", ""),
        (Walls("bubblewrap", "bubblewrap", bwrap=False), "fail", "bubblewrap", "install bubble"),
        (Walls("bubblewrap", "bubblewrap", said="no"), "fail", "bubblewrap", "bwrap"),
        (Walls(None, "jail"), "fail", "isolation", "RUNGBOOK_ISOLATION is"),
    ],
)
def test_isolation(walls: Walls, mark: str, what: str, step: str) -> None:
    [sign] = isolation.judge(walls)
    assert (sign.mark, sign.what) == (mark, what)
    assert sign.next_step.startswith(step)
    assert bool(step) == bool(sign.next_step)


# ── state ────────────────────────────────────────────────────────────────────────────────────────

WELL = Health(Path("s"), True, True, True, 4 * ROOM, 2_500_000, {"runs": Segments(0, 2, 7)}, (), "")


def looked(health: Health | None = WELL, **values: Any) -> list[Sign]:
    return list(state.judge(State(Path("s"), health, **values)))


def test_a_state_that_is_well() -> None:
    signs = looked()
    assert said(signs) == [("ok", w) for w in ("folder", "disk", "records", "views", "runs")]
    assert [s.detail for s in signs[:1]] == ["s, 2 MB"]
    assert signs[2].detail == "7 runs in 2 segments, 0 being written"


def test_before_the_first_run() -> None:
    signs = looked(Health(Path(), False, True, True, 4 * ROOM))
    assert said(signs) == [("ok", "folder"), ("ok", "disk"), ("skip", "records")]


@pytest.mark.parametrize(
    ("health", "mark", "what"),
    [
        (replace(WELL, writable=False), "fail", "folder"),
        (replace(WELL, private=False), "warn", "folder"),
        (replace(WELL, free=ROOM - 1), "warn", "disk"),
        (replace(WELL, free=LEAST - 1), "fail", "disk"),
        (replace(WELL, views="runs: no"), "fail", "views"),
        (replace(WELL, views=None), "skip", "views"),
        (replace(WELL, strange=("calls",)), "warn", "records"),
        (replace(WELL, streams={"runs": Segments(newer=1)}), "warn", "records"),
        (replace(WELL, streams={"runs": Segments(ahead=[datetime(2126, 1, 1)])}), "warn", "clock"),
        (replace(WELL, streams={"runs": Segments(unreadable=[("f", 3, "no")])}), "fail", "records"),
    ],
)
def test_what_is_wrong_with_a_state(health: Health, mark: str, what: str) -> None:
    wrong = [s for s in looked(health) if s.mark != "ok"]
    assert said(wrong) == [(mark, what)]
    assert mark == "skip" or wrong[0].next_step


def test_a_torn_end_is_harmless() -> None:
    signs = looked(replace(WELL, streams={"runs": Segments(torn=2)}))
    assert {s.mark for s in signs} == {"ok"}
    assert any("2 segments with half a record" in s.detail for s in signs)


def test_an_unreadable_line_has_its_place() -> None:
    lost = [("journal/runs/01.ndjson", 3, "it is no record"), ("x", 1, "no")]
    signs = looked(replace(WELL, streams={"runs": Segments(unreadable=lost)}))
    said = "2 lines of no use, first journal/runs/01.ndjson:3: it is no record"
    assert [s.detail for s in signs if s.mark == "fail"] == [said]


def test_runs_that_have_not_ended() -> None:
    signs = {s.what: s for s in looked(waiting=("asked", "review", "asked"), left=1)}
    assert (signs["runs"].mark, signs["runs"].next_step) == ("warn", "rungbook review")
    assert signs["runs"].detail == "2 waiting for an answer, 1 waiting for a look at the change"
    assert signs["sandboxes"].detail.startswith("1 sandbox of engines that are gone")
    assert "1 under way" in {s.what: s for s in looked(working=1)}["runs"].detail
    assert ("fail", "runs") in said(looked(broken="contradict each other"))
    assert said(looked(None, broken="Permission denied")) == [("fail", "folder")]


# ── the report ───────────────────────────────────────────────────────────────────────────────────


def test_groups_come_in_order_and_say_when_they_cannot_be_known() -> None:
    whole = Rules(Settings(), None, 1, 1, (), book(local("small", "a")))
    facts = Facts(whole, Tools("2.40.0"), Walls("bubblewrap"), State(Path("s"), WELL), Machine(),
                  {OLLAMA: has("a")})  # fmt: skip
    assert list(judge(facts)) == [
        "rungbook", "providers", "models", "ladders", "tools", "isolation", "state",
    ]  # fmt: skip
    report = judge(replace(facts, rules=replace(whole, settings=None), servers={}))
    assert list(report) == ["rungbook", "providers", "tools", "isolation", "state"]
    assert said(report["providers"]) == [("skip", "hosts")]


def test_long_lists_are_cut() -> None:
    assert some("abcd") == "a, b, c, d"
    assert some("abcdef") == "a, b, c, d and 2 more"
