"""The jinja2 files that specs name: found, read, and checked to speak only of known names."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from rungbook import paths
from rungbook.rulebook.problem import Problem


@dataclass(frozen=True, slots=True)
class Templates:
    """Template folders, highest first: `templates/` beside each `specs/` folder, then ours."""

    folders: tuple[Path, ...]
    cache: dict[str, tuple[str, list[Problem]]] = field(default_factory=dict)

    @classmethod
    def of(cls, roots: Iterable[Path]) -> "Templates":
        """Those of the folders that specs are read from."""
        beside = [r.absolute().parent / "templates" for r in roots if r.name == "specs"]
        return cls((*(f for f in beside if f.is_dir()), paths.data("templates")))

    def read(self, name: str, known: frozenset[str]) -> tuple[str, list[Problem]]:
        """(text, problems without a place) of the template of that path."""
        if name not in self.cache:
            self.cache[name] = self._read(name, known)
        return self.cache[name]

    def _read(self, name: str, known: frozenset[str]) -> tuple[str, list[Problem]]:
        parts = Path(name).parts
        if ".." in parts or Path(name).is_absolute():
            return "", [Problem("R208", (), f"a template stays in its folder: {name}")]
        for folder in self.folders:
            if (file := folder / name).is_file():
                text = file.read_text("utf-8", "replace")
                return text, _wrong(name, text, known)
        there = sorted({str(p.relative_to(f)) for f in self.folders for p in f.rglob("*.j2")})
        near = get_close_matches(name, there, 1) or there[:5]
        names = ", ".join(Path(n).with_suffix("").as_posix().split("/", 1)[-1] for n in near)
        return "", [
            Problem("R208", (), f"there is no template templates/{name}", f"there is: {names}")
        ]


def _wrong(name: str, text: str, known: frozenset[str]) -> list[Problem]:
    """Syntax, and names that nobody will fill in."""
    from jinja2 import Environment, TemplateSyntaxError, meta

    try:
        tree = Environment(autoescape=False).parse(text)  # noqa: S701 (prompts are not HTML)
    except TemplateSyntaxError as e:
        return [Problem("R209", (), f"templates/{name}:{e.lineno}: {e.message}")]
    unknown = sorted(meta.find_undeclared_variables(tree) - known)
    hint = "known here: " + ", ".join(sorted(known))
    return [Problem("R202", (), f"templates/{name} speaks of `{n}`", hint) for n in unknown]
