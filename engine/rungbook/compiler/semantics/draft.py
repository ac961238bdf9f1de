"""What the checks look at: what could be built, and every name that was written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rungbook.findings import Pointer
from rungbook.rulebook.matrix import EscalationMatrix, Ladder
from rungbook.rulebook.snapshot import Rulebook


@dataclass(frozen=True, slots=True)
class Draft:
    """`names`, by kind, also has specs that could not be built: no mistake is told twice."""

    rulebook: Rulebook
    names: Mapping[str, frozenset[str]]

    def ladders(self) -> Iterator[tuple[EscalationMatrix, Ladder, Pointer]]:
        """(matrix, each of its ladders, where that stands in the spec)."""
        for matrix in self.rulebook.matrices.values():
            for key, ladder in matrix.ladders.items():
                yield matrix, ladder, ("ladders", key)
