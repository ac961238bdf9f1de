"""The price list and the catalogue in front of it."""

from catalogue.cache import Cache


class UnknownProduct(LookupError):
    """The product is not in the price list."""


class PriceList:
    """Prices in euro cents and the rates of other currencies."""

    def __init__(self, rates: dict[str, float]) -> None:
        self.rates = {"EUR": 1.0, **rates}
        self.cents: dict[str, int] = {}
        self.reads = 0

    def read(self, product: str, currency: str) -> int:
        """The price in cents of the currency. Raises UnknownProduct."""
        self.reads += 1
        if product not in self.cents:
            raise UnknownProduct(product)
        return round(self.cents[product] * self.rates[currency])


class Catalogue:
    """What the shop's pages ask."""

    def __init__(self, prices: PriceList, cache: Cache) -> None:
        self._prices = prices
        self._cache = cache

    def price(self, product: str, currency: str = "EUR") -> int:
        """The price in cents of the currency, from the cache if it is fresh."""
        key = (product, currency)
        return self._cache.get(key, lambda: self._prices.read(product, currency))

    def set_price(self, product: str, cents: int) -> None:
        """Changes the price in euro cents; pages show it at once."""
        self._prices.cents[product] = cents
        self._cache.drop(product)

    def set_rate(self, currency: str, rate: float) -> None:
        """Changes the rate of a currency; pages show it at once."""
        self._prices.rates[currency] = rate
        self._cache.clear()
