"""What a program is given of the project and the machine it runs on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rungbook.rulebook.schema import Schema, flag, mapping, strings

PATHS = (".venv", "venv", "node_modules")
"""Ignored folders that programs need and git does not have; a build cache such as `target` is not
among them: it can be made again, and bound read-only it would only be in the way."""


@dataclass(frozen=True, slots=True)
class Environment:
    """`paths`: globs of git-ignored folders that come along; `variables`: names passed through."""

    paths: tuple[str, ...] = PATHS
    variables: tuple[str, ...] = ()
    network: bool = False


DEFAULT = Environment()
"""What a program is given where its spec is silent."""

SCHEMA: Schema = mapping(
    "What the program is given: ignored folders, environment variables, the network.",
    paths=strings(
        "Globs of git-ignored folders that come along, read-only where the machine can do that.",
        [list(PATHS)],
        default=list(PATHS),
    ),
    variables=strings("Names of environment variables that are passed on.", [["CI"]], default=[]),
    network=flag("Whether it may use the network.", default=False),
)


def environment(body: Mapping[str, Any] | None) -> Environment:
    """The type of a checked `environment`; none written is the default."""
    if not body:
        return DEFAULT
    return Environment(
        paths=tuple(body.get("paths", PATHS)),
        variables=tuple(body.get("variables", ())),
        network=body.get("network", False),
    )
