"""The demo's rules: the built-in specs in a git repository, changed while they are used."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rungbook.runtime.live import Live, Reload

LOOK_S = 1.0
"""Seconds that a local model server has to answer."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Found:
    """A model that answers on this machine: its server's address, protocol and name there."""

    url: str
    protocol: str
    host: str
    id: str


class Rules:
    """A copy of the built-in specs, with a history; its changes are shown as they are made."""

    def __init__(self, folder: Path, say: Say) -> None:
        """Copies and commits them."""
        from rungbook import git, paths

        self.specs, self._say = folder / "specs", say
        shutil.copytree(paths.data("specs"), self.specs)
        self._git = git.Git(git.init(folder, bare=False).folder, folder)
        self._git("add", "-A")
        self._git("commit", "-q", "-m", "The built-in rules")
        self._ladders = self.specs / "escalation-matrix" / "ladders.yaml"

    def use(self, found: Found) -> None:
        """Let the ladders' local model be the one that was found: one changed value."""
        models = self.specs / "model" / "models.yaml"
        text = models.read_text("utf-8")
        start = text.index("\n  qwen3-30b:")
        line = text.index("    provider:", start)
        end = text.index("\n", line)
        new = f"    provider: {{type: {found.protocol}, host: {found.host}, id: {found.id!r}}}"
        models.write_text(text[:line] + new + text[end:], "utf-8")
        self._git("commit", "-q", "-a", "-m", f"The local rung is {found.id}")

    async def reload(self, live: "Live", heard: "list[Reload]") -> bool:
        """Change a rule while it is used, break it, take it back; whether all went as it must."""
        import anyio

        async def until(n: int) -> "Reload":
            with anyio.fail_after(20):
                while len(heard) < n:
                    await anyio.sleep(0.01)
            return heard[n - 1]

        started = await until(1)
        self._say("$ sed -i '/coder/s/attempts: 2/attempts: 1/' … && git commit -a")
        self._edit("qwen2.5-coder-32b, attempts: 2", "qwen2.5-coder-32b, attempts: 1")
        self._git("commit", "-q", "-a", "-m", "One try for the larger local model")
        taken = await until(2)
        self._say("$ sed -i 's/model: haiku/model: haikku/' … && git commit -a")
        self._edit("model: haiku", "model: haikku")
        self._git("commit", "-q", "-a", "-m", "Prefer haikku")
        broken = await until(3)
        kept = live.rulebook is not None and live.rulebook is taken.loaded.rulebook
        self._say("$ git revert --no-edit HEAD")
        self._git("revert", "--no-edit", "HEAD")
        mended = await until(4)
        again = mended.before is not None and not mended.changed
        return started.ok and taken.ok and not broken.ok and kept and mended.ok and again

    def _edit(self, old: str, new: str) -> None:
        text = self._ladders.read_text("utf-8")
        if old not in text:
            raise ValueError(f"{old!r} does not stand in the built-in ladders")
        self._ladders.write_text(text.replace(old, new, 1), "utf-8")


async def local_model() -> Found | None:
    """A chat model of LM Studio or Ollama on this machine, if one answers.

    Those that the rules name go first, then those that say they are for code.
    """
    import anyio

    from rungbook.models.installed import Seen, look
    from rungbook.runtime.specs import compiled
    from rungbook.settings import Settings

    settings = Settings()
    asked = {"lmstudio": "openai-compatible", "ollama": "ollama"}
    seen: dict[str, Seen] = {}

    async def ask(host: str) -> None:
        seen[host] = await look(asked[host], settings.host(host), LOOK_S)

    async with anyio.create_task_group() as tasks:
        for host in asked:
            tasks.start_soon(ask, host)
    named = {m.provider.id for m in compiled(None).models.values() if m.provider}
    there = [
        Found(settings.host(host).url, protocol, host, model.id)
        for host, protocol in asked.items()
        for model in seen[host].models or ()
        if seen[host].reachable and "embed" not in model.id.lower()
    ]
    there.sort(key=lambda f: (f.id not in named, "code" not in f.id.lower()))
    return there[0] if there else None
