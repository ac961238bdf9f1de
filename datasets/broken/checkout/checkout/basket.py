"""Lines of a basket and what they add up to."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from checkout.money import share, text


@dataclass(frozen=True)
class Line:
    """Some pieces of one article; `discount` and `vat` are per cent."""

    article: str
    price: Decimal
    pieces: int = 1
    discount: Decimal = Decimal(0)
    vat: Decimal = Decimal(19)

    @property
    def net(self) -> Decimal:
        """What the line costs before tax."""
        full = self.price * self.pieces
        return full - share(full, self.discount)


@dataclass(frozen=True)
class Total:
    """What a basket costs."""

    net: Decimal
    vat: dict[Decimal, Decimal]

    @property
    def gross(self) -> Decimal:
        """What the customer pays."""
        return self.net + sum(self.vat.values())

    def __str__(self) -> str:
        taxes = "".join(f", VAT {rate} % {text(tax)}" for rate, tax in self.vat.items())
        return f"net {text(self.net)}{taxes}, total {text(self.gross)}"


def total(lines: Iterable[Line]) -> Total:
    """Adds up; VAT is taken once per rate on the sum, as the tax office wants it."""
    by_rate: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    for line in lines:
        by_rate[line.vat] += line.net
    vat = {rate: share(net, rate) for rate, net in sorted(by_rate.items())}
    return Total(net=sum(by_rate.values(), Decimal(0)), vat=vat)
