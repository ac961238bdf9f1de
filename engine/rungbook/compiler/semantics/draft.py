"""What the checks look at: what could be built, and every name that was written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rungbook.findings import Pointer
from rungbook.rulebook.matrix import EscalationMatrix, Ladder
from rungbook.rulebook.snapshot import Rulebook


@dataclass(frozen=True, slots=True)
class Draft:
    """`names`, by kind, also has the specs that could not be built, so that no finding is told twice."""

    rulebook: Rulebook
    names: Mapping[str, frozenset[str]]

    def of(self, kind: str) -> frozenset[str]:
        """Every name of a kind."""
        return self.names.get(kind, frozenset())

    def ladders(self) -> Iterator[tuple[str, EscalationMatrix, Ladder, Pointer]]:
        """(matrix, itself, each of its ladders, where that stands in the spec)."""
        for name, matrix in self.rulebook.matrices.items():
            for key, ladder in matrix.ladders.items():
                yield name, matrix, ladder, ("ladders", key)
