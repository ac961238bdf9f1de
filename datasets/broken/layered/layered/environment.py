"""Settings from environment variables."""

from collections.abc import Mapping


def environment(prefix: str, variables: Mapping[str, str]) -> dict[str, str]:
    """`APP_SERVER__PORT=80` becomes `{"server.port": "80"}`."""
    return {
        name.removeprefix(prefix).lower().replace("__", "."): value
        for name, value in variables.items()
        if name.startswith(prefix) and name != prefix
    }
