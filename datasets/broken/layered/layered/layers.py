"""Looks a setting up in several layers, the last one given first."""

from collections import ChainMap, Mapping, OrderedDict
from typing import Any

from layered.flatten import flatten, nest


class Layers:
    """Named layers of settings; a later layer wins over an earlier one."""

    def __init__(self, **layers: dict[str, Any]) -> None:
        self._layers = OrderedDict((name, flatten(layer)) for name, layer in layers.items())
        self._merged = ChainMap(*reversed(self._layers.values()))

    def get(self, key: str, default: Any = None) -> Any:
        """The value of the most specific layer that has the key."""
        return self._merged.get(key, default)

    def origin(self, key: str) -> str | None:
        """The name of the layer that decides the key, None when no layer has it."""
        for name in reversed(self._layers):
            if key in self._layers[name]:
                return name
        return None

    def as_dict(self) -> dict[str, Any]:
        """All settings, nested again."""
        return nest(dict(sorted(self._merged.items())))
