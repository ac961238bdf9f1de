"""How long to wait before the next try."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Backoff:
    """Doubles the pause with every failure, up to a ceiling; all in seconds."""

    first: float = 1.0
    factor: float = 2.0
    ceiling: float = 300.0

    def pause(self, failures: int, retry_after: float | None = None) -> float:
        """Seconds to wait after so many failures in a row.

        A subscriber's own wish is kept where it is longer.
        """
        grown = self.first * self.factor ** (failures - 1)
        ours = max(grown, self.ceiling)
        return ours if retry_after is None else max(ours, retry_after)
