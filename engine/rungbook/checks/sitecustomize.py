"""Says, when a Python process ends, from which files its modules were loaded.

Copied to a folder that stands first on the path of a test run; python >= 3.6. Writes beside itself
a line `name NUL file` for each module outside the standard library. Whatever goes wrong here is
silent: the tests must not notice.
"""

import atexit
import os
import sys
from importlib.machinery import PathFinder

_HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 (python 3.6, and quick)


def _say() -> None:
    try:
        library = os.path.dirname(os.__file__) + os.sep  # noqa: PTH120
        lines = []
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if not isinstance(file, str):
                continue
            if file.startswith(library) and "-packages" not in file:
                continue
            lines.append(name + "\0" + os.path.realpath(file))
        said = "\n".join(lines).encode("utf-8", "surrogateescape")
        name = f"{os.getpid()}-{id(lines):x}.loaded"
        with open(os.path.join(_HERE, name), "wb") as out:  # noqa: PTH118, PTH123
            out.write(said)
    except BaseException:  # noqa: S110
        pass


def _next() -> None:
    """Load the sitecustomize that this one stands before, as if it were not there."""
    path = [p for p in sys.path if os.path.abspath(p) != _HERE]  # noqa: PTH100
    spec = PathFinder.find_spec("sitecustomize", path)
    if spec is None or spec.loader is None:
        return
    from importlib.util import module_from_spec

    module = module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


atexit.register(_say)
_next()
