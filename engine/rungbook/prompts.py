"""Templates of prompts, filled in: sandboxed, bounded, and only with plain data."""

from typing import Any

MAX_CHARS = 4_000_000
"""The longest text a template may come to; no context window holds more."""


class BadPrompt(ValueError):
    """A template that cannot be filled in, in words."""


def render(text: str, **names: Any) -> str:
    """The template with the names filled in; raises BadPrompt."""
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    parts: list[str] = []
    size = 0
    try:
        for part in environment.from_string(text).generate(**names):
            size += len(part)
            if size > MAX_CHARS:
                raise BadPrompt(f"the prompt is longer than {MAX_CHARS:,} characters")
            parts.append(part)
    except TemplateError as e:
        raise BadPrompt(str(e)) from e
    return "".join(parts)
