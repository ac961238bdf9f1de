"""The sandboxes of one run: trees of its own git folder, and the boxes programs find them in."""

from dataclasses import dataclass
from pathlib import Path

from rungbook.box import Box, Isolation
from rungbook.rulebook.environment import Environment
from rungbook.workspace.environment import prepare
from rungbook.workspace.trees import Trees


@dataclass(frozen=True, slots=True)
class Sandboxes:
    """`frozen` are globs of files that no attempt may change."""

    trees: Trees
    frozen: tuple[str, ...]
    isolation: Isolation

    def box(self, tree: Path, environment: Environment) -> Box:
        """The box in which a program finds a tree and the project's environment."""
        ready = prepare(self.trees.repo, tree, environment, self.isolation)
        return Box(
            tree=tree,
            at=self.trees.repo,
            read_only=(*ready.read_only, *self.trees.objects),
            network=environment.network,
            variables=ready.variables,
            isolation=self.isolation,
        )
