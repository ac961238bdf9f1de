"""Finding codes: severity, title and help. The docs page and `rungbook explain` are made from this.

R0xx reading a file, R1xx its shape, R2xx its meaning, R3xx its tests. R9xx is kept
for the checks that users add.
"""

from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]


class Code(NamedTuple):
    """What a code means and what to do about it."""

    severity: Severity
    title: str
    help: str = ""


CODES: dict[str, Code] = {
    # R0xx: reading
    "R001": Code(
        "error",
        "the file cannot be read",
        "It is missing, not permitted, or not a regular file (a folder, a pipe, a broken link).",
    ),
    "R002": Code(
        "error",
        "the file is not clean UTF-8 text",
        "Save it as UTF-8; write control and bidirectional characters as escapes in double quotes.",
    ),
    "R003": Code("error", "the file is too large", "Split it: any number of files may hold specs."),
    "R004": Code("warning", "there is nothing in it", "Remove the empty file, folder or document."),
    "R010": Code("error", "YAML syntax", "The place is where the parser had to give up."),
    "R011": Code("error", "nested too deeply", "No spec needs this many levels; flatten it."),
    "R012": Code(
        "error",
        "anchors, aliases, tags, merge keys and directives are not used",
        "Write the value out, or share it with `extends`: a reviewer sees what runs.",
    ),
    "R013": Code("error", "duplicate key", "The first one counts; remove or rename the other."),
    "R014": Code("error", "a key must be text", "Quote it; lists and mappings cannot be keys."),
    "R015": Code(
        "error",
        "null has no meaning here",
        "Leave the key out. Only a spec that `extends` another uses null: to delete a key.",
    ),
    "R016": Code(
        "error",
        "text is cut at a comma",
        "In {…} a comma ends a plain text: quote the whole text.",
    ),
    "R017": Code(
        "warning",
        "other tools read this otherwise",
        "YAML 1.1 reads some words, dates and numbers differently: quote them to mean text.",
    ),
    "R018": Code(
        "error",
        "number out of range",
        "Whole numbers go up to 9007199254740991, as in JSON; infinity and nan are not used.",
    ),
    "R019": Code(
        "warning",
        "text is cut at a #",
        "A # after a space begins a comment: quote the text, or put a space after the #.",
    ),
    "R020": Code("warning", "more findings", "Put these right first; the rest comes then."),
    # R1xx: schema
    "R101": Code("error", "unknown key", "Nothing reads it, so it would be a wish without effect."),
    "R102": Code("error", "missing key", "The spec means nothing without it."),
    "R103": Code("error", "wrong type", "`rungbook explain` will show the shape; quote text."),
    "R104": Code("error", "value not allowed", "The message says which values are."),
    "R105": Code("error", "unknown kind", "The kind decides which schema a file is read by."),
    "R106": Code(
        "error", "the same name twice", "Names are identities: outcomes are kept by them."
    ),
    # R2xx: meaning
    "R201": Code("error", "no spec of that name", "References are bare names of specs or parts."),
    "R202": Code("error", "unknown fact", "schemas/v1/facts.json lists every fact and its event."),
    "R203": Code(
        "error",
        "bad regular expression",
        "Patterns run in linear time (RE2): no look-around, no back-references.",
    ),
    "R204": Code("error", "unreachable", "Nothing can ever come to it, so it only misleads."),
    "R205": Code("error", "the budget forbids its own rung", "The rung would never be tried."),
    "R206": Code("error", "wrong type for this fact", "The comparison could never hold."),
    "R207": Code(
        "error", "a table without an end", "The last row has no `when`: it always answers."
    ),
    "R208": Code("error", "no template of that name", "Prompts stand in templates/, as *.j2."),
    "R209": Code("error", "template syntax", "Templates are jinja2."),
    "R210": Code("error", "nobody to judge", "A model never judges its own work."),
    "R211": Code("error", "a task type without a ladder", "Tasks of this type could not run."),
    "R212": Code(
        "warning",
        "rarely reached",
        "The attempts of the rungs above may use up the budget; left early, they do not.",
    ),
    "R213": Code(
        "error",
        "bad JSON Schema",
        "Schemas are JSON Schema 2020-12, complete in themselves; patterns run in linear time.",
    ),
    "R214": Code(
        "error",
        "no dataset of that name",
        "`NAME` is datasets/NAME.jsonl, or datasets/NAME/tasks.jsonl, beside specs/.",
    ),
    "R215": Code("error", "a bad row in a dataset", "A dataset has one JSON object a line."),
    # R3xx: tests
    "R302": Code("error", "a test fails", "The spec does otherwise than its own test says."),
}
