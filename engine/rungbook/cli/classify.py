"""`rungbook classify`: which type a task has, and why."""

import argparse
from collections.abc import Mapping
from dataclasses import asdict

from rungbook.cli import arguments


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("text", type=arguments.text, help="the task, in quotes")
    parser.add_argument("--matrix", help="the EscalationMatrix (default: $RUNGBOOK_MATRIX, coding)")
    arguments.specs(parser)
    arguments.repo(parser)
    arguments.json(parser)


def run(given: argparse.Namespace) -> int:
    """Always 0."""
    import json

    from rungbook.runtime import engine, specs
    from rungbook.settings import Settings

    settings = Settings()
    rulebook = specs.compiled(given.specs or settings.specs)
    request = engine.Request(
        given.text, given.repo.resolve(), matrix=given.matrix or settings.matrix
    )
    _, seen = engine.understand(request, rulebook)
    if given.json:
        told = asdict(seen)
        keys = ("type", "complexity", "confidence", "features", "like", "because")
        print(json.dumps({key: told[key] for key in keys}, ensure_ascii=False))
        return 0
    print(f"type        {seen.type}")
    print(f"complexity  {seen.complexity:g}" + (f" ({seen.band})" if seen.band else ""))
    print(f"confidence  {seen.confidence:g}")
    _listed(seen.features)
    if seen.like:
        print(f"most like   {seen.like}")
        _listed(seen.because)
    return 0


def _listed(reasons: Mapping[str, float]) -> None:
    """Each reason on a line, with what it added or weighs."""
    width = max(map(len, reasons), default=0)
    for name, points in reasons.items():
        print(f"  {name:<{width}}  {points:+g}")
