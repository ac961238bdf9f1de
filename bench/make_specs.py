"""A rulebook of any size for the benchmarks: every file differs, every reference resolves.

Run: `python bench/make_specs.py FOLDER [N]`.
"""

import sys
from pathlib import Path
from random import Random
from string import Template

MODEL = Template("""\
# yaml-language-server: $$schema=../../schemas/v1/model.json
apiVersion: rungbook/v1
kind: Model
specs:
  $name:
    summary: "Number $i of the list: a $size model of the $family family, $use."
    labels: [$family, $size, region-$region]
    provider:
      type: $type
      host: $host
      id: $family-${params}b-instruct-$i
    family: $family
    class: $size
    tier: $tier
    params_b: $params
    memory_gb: $memory  # with its context
    context_tokens: $context
    output_tokens: $output
    price: {input: $price_in, output: $price_out}
    timeout: {seconds: $timeout}
    options: {temperature: 0.$region, seed: $i}
    skills: [edit, $skill]
    variants:  # A/B: the share of runs that take it
      q4: {share: 0.1, provider: {id: $family-${params}b-q4-$i}}
      q6: {share: 0.$region, provider: {id: $family-${params}b-q6-$i}}
    tests:
      - name: a usual call
        given: {input_tokens: 2000, output_tokens: 1000}
        expect: {usd: $usd}
""")

VALIDATOR = Template("""\
# yaml-language-server: $$schema=../../schemas/v1/validator.json
apiVersion: rungbook/v1
kind: Validator
specs:
  $name:
    summary: "Team $team proves its $skill work with this."
    labels: [team-$team, $skill]
    check:
      command:
        run: [$program, --project, area-$i, --quiet, "{files}"]
        exit: 0
        metric:
          finds: 'area-$i mean=(?P<value>[0-9.]+) (ms|s)'
          value: {lte: 1.$region}
          of: baseline
        feedback: {chars: $chars}
    confidence: 0.$confidence
    false_accept: 0.0$region
    timeout: {seconds: $timeout}
    cost: $tier
    errors: {exit: [3, 4]}  # counted only where the untouched tree gives them too
    if_missing: skip
    environment:
      paths: [.venv, area-$i/node_modules]
      variables: [CI, AREA_$i]
    tests:
      - {given: {exit: 1, output: "area-$i broke"}, expect: fail}
      - {given: {exit: 4, baseline: 4}, expect: error}
""")

TAXONOMY = Template("""\
# yaml-language-server: $$schema=../../schemas/v1/task-taxonomy.json
apiVersion: rungbook/v1
kind: TaskTaxonomy
specs:
  $name:
    summary: "The tasks of team $team, by subject first and by size second."
    complexity:
      range: [0, 10]
      bands: [{name: simple, lt: 3}, {name: medium, lt: 6}, {name: complex}]
      terms:
        security: {at_least: 9, when: {task.text: {finds: '(?i)\\b(auth|token|area-$i-key)s?\\b'}}}
        money: {at_least: 9, when: {task.text: {finds: '(?i)\\b(invoice|refund|ledger-$i)s?\\b'}}}
        files: {per: task.files, each: 0.$confidence, max: 4}
        tokens: {per: task.tokens, each: 0.0005, max: 2}
        design: {add: $tier, when: {task.text: {finds: '(?i)\\b(design|refactor|area-$i)\\b'}}}
        trivial: {at_most: 2, when: {task.text: {finds: '(?i)\\b(typo|rename)s?\\b'}}}
    types:  # the first row that holds
      - {name: critical, when: {complexity: {gte: 8.5}}}
      - {name: quick-edit, when: {complexity: {lt: 3}, task.text: {finds: '(?i)\\b(typo|bump-$i)'}}}
      - {name: standard-development}
    small_models:
      - {when: {task.steps: {gt: $tier}}, use: false}
      - {when: {task.kind: [extraction, code-review], task.tokens: {lt: $context}}, use: true}
      - {use: false}
    tests:
      - {given: "Fix the typo in area-$i", expect: {type: quick-edit}}
      - {given: "Return the refund twice", expect: {type: critical}}
      - {given: "The report of area-$i is empty", expect: {type: standard-development}}
""")

MATRIX = Template("""\
# yaml-language-server: $$schema=../../schemas/v1/escalation-matrix.json
apiVersion: rungbook/v1
kind: EscalationMatrix
specs:
  $name:
    taxonomy: $taxonomy
    common:
      checker: [{when: {complexity: {lt: $tier}}, use: none}, {use: next-tier}]
      confirm: {above: {usd: $tier}}
      worth: {usd: $tier}
      frozen: ["tests/**", "**/conftest.py", "area-$i/golden/**"]
      budget: {per_task: {attempts: 8, seconds: $timeout, usd: 1.$region}, per_day: {usd: 2$region}}
    ladders:
      quick-edit:
        rungs: [{name: only, model: $first}]
        verify: [$check]
        exhausted: skip
      standard-development:
        rungs:
          - {name: start, model: $first}
          - {name: local, race: [$second, $third], attempts: 2}
          - {name: paid, model: $fourth}
        verify: [$check, [$more, $last]]
      critical: {rungs: [{name: paid, model: $fourth}], verify: [$check, $last], exhausted: review}
    tests:
      - given: {type: quick-edit, complexity: 1}
        script: |
          only fail $check
          => skip
""")

KINDS = {
    "model": (0.35, MODEL),
    "validator": (0.30, VALIDATOR),
    "task-taxonomy": (0.10, TAXONOMY),
    "escalation-matrix": (0.25, MATRIX),
}
"""Each kind's share of the files, and its text."""

CHOICES = {
    "size": ("micro", "small", "medium", "large", "frontier"),
    "family": ("qwen", "gemma", "mistral", "llama", "deepseek", "granite", "phi", "smollm"),
    "use": ("quick edits and docs", "long files", "reviews", "what the others could not do"),
    "type": ("ollama", "openai-compatible"),
    "host": ("lmstudio", "rack", "cloud"),
    "context": (8192, 16384, 32768, 131072),
    "skill": ("python", "web", "data", "mobile", "docs"),
    "program": ("mypy", "pyright", "eslint", "tsc", "vale", "sqlfluff"),
    "team": range(1, 41),
    "region": range(1, 10),
    "tier": range(1, 5),
    "timeout": range(60, 1801),
    "confidence": range(51, 100),
    "chars": range(1000, 8001),
    "params": range(1, 71),
    "memory": range(2, 61),
    "output": range(1000, 8001),
}
"""What the texts draw from."""


def make(folder: Path, n: int = 1000, seed: int = 7) -> None:
    """Write `n` (at least 20) spec files of about 28 lines each below the folder."""
    random = Random(seed)
    counts = {kind: round(share * n) for kind, (share, _) in KINDS.items()}
    counts["model"] += n - sum(counts.values())
    names = {kind: [f"{kind}-{i:04}" for i in range(count)] for kind, count in counts.items()}
    for kind, (_, text) in KINDS.items():
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for i, name in enumerate(names[kind]):
            body = text.substitute(_values(random, names), name=name, i=i)
            (folder / kind / f"{name}.yaml").write_text(body, "utf-8")


def _values(random: Random, names: dict[str, list[str]]) -> dict[str, object]:
    """What one file says; `usd` follows from the prices, as its test wants."""
    price_in, price_out = random.randint(0, 300) / 100, random.randint(0, 1500) / 100
    first, second, third, fourth = random.sample(names["model"], 4)
    check, more, last = random.sample(names["validator"], 3)
    return {key: random.choice(values) for key, values in CHOICES.items()} | {
        "price_in": price_in,
        "price_out": price_out,
        "usd": round((2 * price_in + price_out) / 1000, 6),
        "taxonomy": random.choice(names["task-taxonomy"]),
        "first": first,
        "second": second,
        "third": third,
        "fourth": fourth,
        "check": check,
        "more": more,
        "last": last,
    }


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1000)
