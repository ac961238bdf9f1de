"""`rungbook test`: run the tests that stand in specs."""

import argparse
from pathlib import Path

from rungbook.cli import arguments


def configure(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="files or folders (default: built-in)"
    )
    parser.add_argument("--verbose", "-v", action="store_true", help="name the tests that pass too")
    arguments.json(parser)


def run(given: argparse.Namespace) -> int:
    """0 all pass, 1 some do not; specs with errors are an error of their own."""
    import json

    from rungbook.errors import SpecsBroken
    from rungbook.render.findings import as_text
    from rungbook.runtime import specs
    from rungbook.testing import runner

    loaded = specs.check(given.paths)
    if loaded.rulebook is None:
        print(as_text(loaded.findings, colour=arguments.colour()))
        raise SpecsBroken("the specs have errors, so their tests cannot run", "rungbook check")
    results = list(runner.run(loaded))
    failed = [r for r in results if r.wrong]
    if given.json:
        told = [
            {"spec": r.spec, "name": r.name, "path": r.span.path, "line": r.span.line,
             "passed": not r.wrong, "wrong": [f.as_dict() for f in r.wrong],
             "report": r.report}
            for r in results
        ]  # fmt: skip
        print(json.dumps({"tests": told}, ensure_ascii=False))
        return 1 if failed else 0
    for result in results:
        if result.wrong:
            print(f"FAIL {result.spec}: {result.name}")
            print(as_text(result.wrong, colour=arguments.colour()))
        elif given.verbose:
            print(f"ok   {result.spec}: {result.name}")
        if result.wrong or given.verbose:
            for line in result.report:
                print(f"     {line}")
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0
