"""Model: who does the work, what it can take, and what it costs at most."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from rungbook.rulebook import environment as env
from rungbook.rulebook import schema as s
from rungbook.rulebook.environment import Environment
from rungbook.rulebook.matchers import bad_globs
from rungbook.rulebook.problem import Problem

Size = Literal["tool", "micro", "small", "medium", "large", "frontier"]

TIMEOUT_S = 600.0
"""Seconds a model has for one attempt where its spec is silent."""


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens."""

    input: float = 0.0
    output: float = 0.0


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a model answers; `host` names a setting of this machine, never an address."""

    type: str
    id: str
    host: str | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """Another build of the same model, taken by a share of the runs (A/B)."""

    name: str
    share: float
    id: str


@dataclass(frozen=True, slots=True)
class Model:
    """A model behind a provider, or a command that works without one."""

    name: str
    size: Size
    provider: Provider | None = None
    command: tuple[str, ...] = ()
    environment: Environment = env.DEFAULT
    most_usd: float = 0.0
    family: str | None = None
    tier: int | None = None
    params_b: float | None = None
    memory_gb: float | None = None
    context_tokens: int | None = None
    output_tokens: int | None = None
    price: Price = Price()
    timeout_s: float = TIMEOUT_S
    options: Mapping[str, Any] = field(default_factory=dict)
    skills: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()

    @property
    def can_judge(self) -> bool:
        """Whether it answers questions; a command only edits."""
        return self.provider is not None

    @property
    def is_tool(self) -> bool:
        """Whether no model works here: a linter, a codemod."""
        return self.size == "tool"

    def usd(self, tokens_in: float, tokens_out: float) -> float:
        """What a call of that size costs, in USD."""
        return (tokens_in * self.price.input + tokens_out * self.price.output) / 1e6

    def bound_usd(self, tokens_in: int) -> float:
        """The most one call can cost: a command's own bound, or the whole answer allowance."""
        return self.most_usd + self.usd(tokens_in, self.output_tokens or 0)


SIZES: tuple[Size, ...] = ("tool", "micro", "small", "medium", "large", "frontier")

SCHEMA = s.mapping(
    "A model or a worker: where it answers, how large it is, what it costs.",
    needs=("class",),
    one_of=("provider", "worker"),
    provider=s.mapping(
        "The service that runs the model.",
        needs=("type", "id"),
        type=s.choice("The protocol it speaks.", "ollama", "openai-compatible"),
        host=s.name("A host of this machine's settings.", "lmstudio"),
        id=s.text("The model's name there.", "qwen2.5-coder:7b"),
    ),
    worker=s.mapping(
        "A program that edits files itself: a linter's autofix, an agent's command line.",
        needs=("command",),
        command=s.items(
            "Its argument list; `{files}` stands for the files, `{task}` for the task's text.",
            {"type": "string"},
            least=1,
            examples=[["ruff", "check", "--fix", "{files}"]],
        ),
        environment=env.SCHEMA,
    ),
    family=s.name("Who trained it; a checker of another family is preferred.", "qwen"),
    more={"class": s.choice("Its size; `tool` needs no model.", *SIZES)},
    tier=s.whole("How strong it is, from 0; a checker stands at or above its worker.", 1, 0),
    params_b=s.number("Parameters, in billions.", 7),
    memory_gb=s.number("Memory it takes, in GB.", 6),
    context_tokens=s.whole("The longest input, in tokens.", 32768),
    output_tokens=s.whole("The longest answer, in tokens; it bounds the price of a call.", 4000),
    price=s.mapping(
        "USD per million tokens.",
        needs=("input", "output"),
        input=s.number("Of the input.", 0.8),
        output=s.number("Of the answer.", 4.0),
    ),
    most=s.usd("The most one attempt of a command may cost.", 0.5),
    timeout=s.duration("How long one attempt may take.", {"seconds": 120}),
    options={
        "type": "object",
        "description": "Options handed to the provider as they are.",
        "examples": [{"temperature": 0}],
    },
    skills=s.strings("What it is good for.", [["edit"]]),
    variants=s.named(
        "Other builds of the model, each for a share of the runs.",
        s.mapping(
            "One build.",
            needs=("share", "provider"),
            share=s.number("The share of runs that take it.", 0.1, maximum=1),
            provider=s.mapping(
                "What differs.", needs=("id",), id=s.text("Its name there.", "qwen2.5-coder:q6")
            ),
        ),
    ),
)


def build(name: str, body: Mapping[str, Any]) -> tuple[Model, list[Problem]]:
    """The type of a checked body, and what the schema could not say against it."""
    provider, worker = body.get("provider"), body.get("worker", {})
    price = body.get("price", {})
    built = Model(
        name=name,
        size=body["class"],
        provider=Provider(provider["type"], provider["id"], provider.get("host"))
        if provider
        else None,
        command=tuple(worker.get("command", ())),
        environment=env.environment(worker.get("environment")),
        most_usd=float(body.get("most", {}).get("usd", 0.0)),
        family=body.get("family"),
        tier=body.get("tier"),
        params_b=body.get("params_b"),
        memory_gb=body.get("memory_gb"),
        context_tokens=body.get("context_tokens"),
        output_tokens=body.get("output_tokens"),
        price=Price(float(price.get("input", 0)), float(price.get("output", 0))),
        timeout_s=s.seconds(body.get("timeout"), TIMEOUT_S),
        options=body.get("options", {}),
        skills=tuple(body.get("skills", ())),
        variants=tuple(
            Variant(key, float(v["share"]), v["provider"]["id"])
            for key, v in body.get("variants", {}).items()
        ),
    )
    return built, list(_problems(built))


def _problems(model: Model) -> Iterator[Problem]:
    """What one model's keys say against each other."""
    lacks = [key for key in ("family", "tier") if getattr(model, key) is None]
    if lacks and not model.is_tool:
        message = f"a model of class {model.size} needs " + " and ".join(f"`{k}`" for k in lacks)
        yield Problem("R102", ("class",), message, "they choose its checker")
    if model.is_tool and model.provider:
        hint = "give it a `worker`, or the class of the model"
        yield Problem("R104", ("class",), "a tool is a command; no provider runs it", hint)
    if model.price.output and model.output_tokens is None:
        message = "a model with a price needs `output_tokens`: it bounds what a call can cost"
        yield Problem("R102", ("price",), message, "add `output_tokens: 4000`", True)
    if sum(v.share for v in model.variants) > 1:
        hint = "what is left of 1 is the model itself"
        yield Problem("R104", ("variants",), "the shares add up to more than 1", hint, True)
    yield from bad_globs(model.environment.paths, ("worker", "environment", "paths"))
