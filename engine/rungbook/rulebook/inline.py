"""What inline tests look like, kind by kind; `rungbook test` runs them."""

from rungbook.rulebook import facts
from rungbook.rulebook import schema as s
from rungbook.rulebook.conditions import NUMBERS

_NAME = s.text("What the test shows.", "a retry is told what failed")
_TYPES = {"text": "string", "number": "number", "flag": "boolean"}


def _test(given: s.Schema, expect: s.Schema) -> s.Schema:
    return s.mapping(
        "An inline test.", needs=("given", "expect"), name=_NAME, given=given, expect=expect
    )


MODEL = _test(
    s.mapping(
        "Tokens.",
        needs=("input_tokens", "output_tokens"),
        input_tokens=s.whole("Read.", 2000, 0),
        output_tokens=s.whole("Written.", 1000, 0),
    ),
    s.mapping("The price.", needs=("usd",), usd=s.number("US dollars.", 0.105)),
)


def _fact(fact: facts.Fact) -> s.Schema:
    one: s.Schema = {"type": _TYPES[fact.type]}
    if fact.many:
        return s.items(fact.description, one, examples=[[fact.example]])
    return one | {"description": fact.description, "examples": [fact.example]}


TAXONOMY = s.mapping(
    "An inline test, or a measurement over the examples of a dataset that are not learned from.",
    needs=("expect",),
    one_of=("given", "dataset"),
    name=_NAME,
    given={
        **s.mapping(
            "The task's text, or its facts.",
            needs=("text",),
            more={f.name.removeprefix("task."): _fact(f) for f in facts.known("task").values()},
        ),
        "type": ["string", "object"],
        "minLength": 1,
        "examples": ["Fix the typo in README", {"text": "Add a --json flag", "files": 3}],
    },
    dataset=s.dataset("Tasks whose types are known."),
    expect=s.mapping(
        "What the task is; of a dataset, how many types are told rightly.",
        type=s.name("Its type.", "quick-edit"),
        band=s.name("Its band of complexity.", "simple"),
        complexity=s.number("Its score.", 9, None),
        small_models=s.flag("Whether a small model may take it.", default=False),
        accuracy=s.mapping("The share of types told rightly, 0 to 1.", more=NUMBERS)
        | {"minProperties": 1},
    )
    | {"minProperties": 1},
)

VALIDATOR = _test(
    s.mapping(
        "What the check sees: exit statuses, a file's text, or what a judge answers.",
        exit=s.whole("The exit status.", 1, 0),
        baseline=s.whole("The exit status of the untouched tree.", 1, 0),
        output=s.text("What it prints.", "mean=1.0"),
        baseline_output=s.text("What it prints in the untouched tree.", "mean=1.0"),
        missing=s.flag("The program is not there.", default=False),
        file=s.text("A changed file, by its path in the project.", "src/a.py"),
        text={"type": "string", "description": "What stands in it.", "examples": ["x = 1\n"]},
        before={"type": "string", "description": "What stood in it.", "examples": ["x = (\n"]},
        judge=s.mapping(
            "What the judge answers.",
            needs=("meets", "confidence"),
            meets={
                "type": "boolean",
                "description": "Whether the change does what the task asks.",
                "examples": [True],
            },
            confidence=s.number("How sure it is, 0 to 1.", 0.9, maximum=1),
        ),
    ),
    s.choice("The verdict.", "pass", "unproved", "error", "fail", "not-applicable"),
)

MATRIX = s.mapping(
    "A ladder script: what each rung met, line by line, and how the run ends.",
    needs=("given", "script"),
    name=_NAME,
    given=s.mapping(
        "The task.",
        needs=("type",),
        type=s.name("Its type.", "standard-development"),
        complexity=s.number("Its score.", 4, None),
        tokens=s.whole("Its size.", 2000, 0),
    ),
    script=s.text(
        "`RUNG [MODEL] MET [VALIDATOR]` a line, `RUNG? yes|no` for a question, `=> END` last.",
        "fix pass => pass fix",
    ),
)
