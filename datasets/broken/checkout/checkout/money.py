"""Amounts in euro."""

from decimal import Decimal

CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """The amount in whole cents; half a cent is rounded up."""
    return amount.quantize(CENT)


def share(amount: Decimal, percent: Decimal) -> Decimal:
    """So many per cent of the amount, in whole cents."""
    return cents(amount * percent / 100)


def text(amount: Decimal) -> str:
    """`1,234.50 EUR`"""
    return f"{amount:,.2f} EUR"
