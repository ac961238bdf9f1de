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

INPUT_TOKENS = 16_000
"""Tokens that a prompt may take beside the task's own files, where the spec is silent."""


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
    input_tokens: int = INPUT_TOKENS
    output_tokens: int | None = None
    prompt: str | None = None
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

    def prompt_tokens(self, task_tokens: int) -> int:
        """The longest prompt that is sent for a task of so many tokens."""
        most = task_tokens + self.input_tokens
        if self.context_tokens is None:
            return most
        return max(0, min(most, self.context_tokens - (self.output_tokens or 0)))

    def bound_usd(self, task_tokens: int) -> float:
        """The most one call can cost: a command's own bound, or the longest prompt and answer."""
        return self.most_usd + self.usd(self.prompt_tokens(task_tokens), self.output_tokens or 0)

    def named(self, variant: str | None) -> str | None:
        """The name the provider knows it by, or a variant of it."""
        drawn = next((v.id for v in self.variants if v.name == variant), None)
        return drawn or (self.provider.id if self.provider else None)


PROMPT = "edit"
"""The template that puts the work to a chat model, where its spec is silent."""

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
    prompt=s.text(
        "How the work is put to it: a template in templates/prompts/.", "edit", default=PROMPT
    ),
    context_tokens=s.whole("What it can hold, prompt and answer, in tokens.", 32768),
    input_tokens=s.whole(
        "Tokens a prompt may take beside the task's own files; they bound the price of a call.",
        16000,
        default=INPUT_TOKENS,
    ),
    output_tokens=s.whole("The longest answer, in tokens; it bounds the price of a call.", 4000),
    price=s.mapping(
        "USD per million tokens.",
        needs=("input", "output"),
        input=s.number("Of the input.", 0.8, maximum=s.MOST_USD),
        output=s.number("Of the answer.", 4.0, maximum=s.MOST_USD),
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
        input_tokens=body.get("input_tokens", INPUT_TOKENS),
        prompt=body.get("prompt", PROMPT) if provider else None,
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
    return built, list(_problems(built, body))


def _problems(model: Model, body: Mapping[str, Any]) -> Iterator[Problem]:
    """What one model's keys say against each other."""
    lacks = [key for key in ("family", "tier") if getattr(model, key) is None]
    if lacks and not model.is_tool:
        message = f"a model of class {model.size} needs " + " and ".join(f"`{k}`" for k in lacks)
        yield Problem("R102", ("class",), message, "they choose its checker")
    if model.is_tool and model.provider:
        hint = "give it a `worker`, or the class of the model"
        yield Problem("R104", ("class",), "a tool is a command; no provider runs it", hint)
    if "prompt" in body and not model.provider:
        message = "a command has no prompt; its arguments may say {task}"
        yield Problem("R104", ("prompt",), message, "drop it", True)
    if model.price.output and model.output_tokens is None:
        message = "a model with a price needs `output_tokens`: it bounds what a call can cost"
        yield Problem("R102", ("price",), message, "add `output_tokens: 4000`", True)
    if sum(v.share for v in model.variants) > 1:
        hint = "what is left of 1 is the model itself"
        yield Problem("R104", ("variants",), "the shares add up to more than 1", hint, True)
    yield from bad_globs(model.environment.paths, ("worker", "environment", "paths"))
