"""Ship specs, schemas and templates inside the wheel; an editable install reads them in place."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class DataFolders(BuildHookInterface):
    """Copies the data folders to rungbook/_data, except in an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before the build."""
        if version == "editable":
            return
        for name in ("specs", "schemas", "templates", "datasets"):
            if (folder := Path(self.root, name)).is_dir():
                build_data["force_include"][str(folder)] = f"rungbook/_data/{name}"
