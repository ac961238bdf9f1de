"""What an earlier compilation gave: the difference between compiling and compiling again."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, TypeVarTuple, Unpack

from rungbook.compiler.discover import Found
from rungbook.compiler.specfile import SpecFile
from rungbook.findings import Finding

T = TypeVar("T")
Inputs = TypeVarTuple("Inputs")


class Read(NamedTuple):
    """A file as it was read; `found` is None if its stamp was too young to tell its content by."""

    found: Found | None
    raw: bytes | Finding
    file: SpecFile | Finding


class Memo:
    """Steps are taken once for the same inputs, which must be hashable and say all that counts.

    What was not asked for between two turns is forgotten. An empty one remembers nothing. `files`,
    by path: those last found, of the folders that are compiled, and (True) of those below.
    """

    def __init__(self) -> None:
        self.files: dict[bool, dict[str, Read]] = {False: {}, True: {}}
        # Keys and cells stay where they are while they are asked for: were they made anew each
        # time, as many survivors would set off a full garbage collection every few compilations.
        self._cells: dict[tuple[Any, ...], list[Any]] = {}
        self._turn = 0

    def __call__(self, step: Callable[[Unpack[Inputs]], T], *inputs: *Inputs) -> T:
        """What the step gives for these inputs."""
        key = (step, *inputs)
        cell = self._cells.get(key)
        if cell is None:
            self._cells[key] = cell = [self._turn, step(*inputs)]
        cell[0] = self._turn
        result: T = cell[1]
        return result

    def turn(self) -> None:
        """Forget what was not asked for since the last turn."""
        for key in [key for key, cell in self._cells.items() if cell[0] != self._turn]:
            del self._cells[key]
        self._turn += 1
