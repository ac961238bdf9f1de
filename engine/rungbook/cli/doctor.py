"""`rungbook doctor`: whether this machine is ready, and what to do where it is not."""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from rungbook.cli import arguments
from rungbook.render.text import cut, one_line, paint

if TYPE_CHECKING:
    from rungbook.runtime.doctor.examine import Report
    from rungbook.runtime.doctor.signs import Sign

WIDTH = 300
"""Characters that are shown of a detail: what other programs say may be a page."""

_COLOURS = {"warn": "yellow", "fail": "red", "skip": "dim"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    arguments.repo(parser)
    arguments.specs(parser)
    arguments.json(parser)


def run(given: argparse.Namespace) -> int:
    """0 nothing has to be put right (there may be warnings), 1 something has."""
    import anyio

    from rungbook.runtime.doctor.examine import examine

    report = anyio.run(examine, given.repo, given.specs)
    print(as_json(report) if given.json else as_text(report, colour=arguments.colour()))
    return 1 if _count(report, "fail") else 0


def as_text(report: "Report", *, colour: bool = False) -> str:
    """A line a sign under the name of its group, what to do below it; at last the sum."""
    lines = [line for group, signs in report.items() for line in _group(group, signs, colour)]
    wrong, left_out = _count(report, "fail"), _count(report, "warn")
    return "\n".join([*lines, f"{wrong} to put right, {left_out} warnings"])


def _group(name: str, signs: "Sequence[Sign]", colour: bool) -> Iterator[str]:
    wide = max((len(sign.what) for sign in signs), default=0)
    if signs:
        yield paint(name, "dim", colour)
    for sign in signs:
        hue = _COLOURS.get(sign.mark)
        mark = paint(f"{sign.mark:<4}", hue, colour) if hue else f"{sign.mark:<4}"
        said = cut(one_line(sign.detail), WIDTH)
        yield f"  {mark}  {one_line(sign.what):<{wide}}  {said}".rstrip()
        if sign.next_step:
            yield f"{' ' * (wide + 10)}= {one_line(sign.next_step)}"


def as_json(report: "Report") -> str:
    """`{signs: [{group, mark, what, detail, next_step}]}`."""
    signs = [{"group": group, **asdict(s)} for group, found in report.items() for s in found]
    return json.dumps({"signs": signs}, ensure_ascii=False)


def _count(report: "Report", mark: str) -> int:
    return sum(sign.mark == mark for signs in report.values() for sign in signs)
