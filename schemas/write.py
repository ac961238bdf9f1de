"""Write schemas/v1/<kind>.json from the types: `uv run python schemas/write.py`."""

import json
from pathlib import Path

from rungbook.kinds import KINDS, file_schema

HERE = Path(__file__).parent / "v1"


def rendered() -> dict[Path, str]:
    """The text of every schema file."""
    return {
        HERE / f"{kind.folder}.json": json.dumps(file_schema(kind), indent=1, ensure_ascii=False)
        + "\n"
        for kind in KINDS.values()
    }


if __name__ == "__main__":
    for path, text in rendered().items():
        path.write_text(text, "utf-8")
