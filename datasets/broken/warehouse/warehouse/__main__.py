"""`python -m warehouse < movements.csv`"""

import sys
from collections.abc import Iterable

from warehouse.report import as_text, shortages
from warehouse.stock import NotEnough, Stock


def main(lines: Iterable[str]) -> int:
    """Prints the reorder list; 1 when the movements do not add up."""
    stock = Stock()
    try:
        stock.book(lines)
    except NotEnough as error:
        print(error, file=sys.stderr)
        return 1
    print(as_text(shortages(stock, {})))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.stdin))
