"""A model server as a process of its own: both protocols over real sockets, at a test's word.

    with Server() as server:
        server.says("qwen", [Says("no"), Says(edit, usage=(900, 40))])
        server.says("phi", FAULTS["429 for ever"])
        ...                       # a client talks to server.openai_url or server.ollama_url
        server.chats("run-1")     # what was asked under one key, in order

`says` gives a model its answers: one a chat, the last one again and again; a model that nobody
spoke of says "ok". `has` names the models it lists, and refuses all others with 404. `serves` puts
raw bytes in the place of any path. `seen` is every request, `chats` those to a model, each of all
keys or of one. `until(n)` waits until n requests have come, `idle()` until no connection is open.
`forget()` makes it as it was at first.
"""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Self

from fakes import server_process
from fakes.server_process import CHATS, Request, Says, refuses

_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""How a test talks to its server, whatever proxy it sets."""


BUSY = refuses(429, "slow down")
BROKEN = refuses(500, "oh no")
FOR_EVER = 3600.0

FAULTS: Mapping[str, Sequence[Says]] = {
    "429 then well": [BUSY, Says()],
    "429 for ever": [BUSY],
    "500 then well": [BROKEN, Says()],
    "500 for ever": [BROKEN],
    "503": [refuses(503, "loading")],
    "401": [refuses(401, "who are you")],
    "404": [refuses(404, "model 'x' not found")],
    "redirect": [Says(status=307, headers={"Location": "http://127.0.0.1:9/"})],
    "hung up": [Says(fault="hung up")],
    "hung up after headers": [Says(fault="hung up after headers")],
    "hung up midway": [Says(fault="hung up midway")],
    "hung up, then well": [Says(fault="hung up"), Says()],
    "mute": [Says(fault="mute")],
    "slow first token": [Says(wait=FOR_EVER)],
    "stalls": [Says(fault="stalls")],
    "endless": [Says(fault="endless")],
    "malformed": [Says(fault="malformed")],
    "huge line": [Says(fault="huge line")],
    "wrong type": [Says(fault="wrong type")],
    "gzip": [Says(fault="gzip")],
    "error midway": [Says(fault="error midway")],
    "unfinished": [Says(finish=None)],
    "cut short": [Says("half of", finish="length")],
    "empty": [Says("")],
    "no usage": [Says(usage=None)],
    "thinks": [Says("<think>well</think>ok")],
    "too long": [refuses(400, "This model's maximum context length is 10 tokens.")],
}
"""What can go wrong with a server, by name: the answers to one call and those after it."""


class Server:
    """The server's process, from `with` to its end; it dies with the test's own process too."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-S", server_process.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    @property
    def openai_url(self) -> str:
        """Where it speaks OpenAI's protocol."""
        return f"{self.url}/v1"

    @property
    def ollama_url(self) -> str:
        """Where it speaks Ollama's protocol."""
        return self.url

    def says(self, model: str, answers: Sequence[Says]) -> None:
        """What a model answers: one a request, the last one again and again."""
        self._tell("/_says", {"model": model, "answers": [asdict(a) for a in answers]})

    def has(self, models: Mapping[str, int], loaded: Mapping[str, int] | None = None) -> None:
        """The models it lists with what they can hold, and those that are loaded with how much."""
        self._tell("/_has", {"models": dict(models), "loaded": dict(loaded or {})})

    def serves(self, path: str, body: str, status: int = 200, kind: str = "text/plain") -> None:
        """A raw answer in the place of a path; of kind "mute" there is never any."""
        self._tell("/_serves", {"path": path, "body": body, "status": status, "kind": kind})

    def forget(self) -> None:
        """Forget all that was said and seen."""
        self._tell("/_forget", {})

    def seen(self, key: str | None = None) -> list[Request]:
        """The requests so far; those of one call where a key is given."""
        found = [Request(**r) for r in self._get("/_seen")["requests"]]
        return [r for r in found if key is None or r.key == key]

    def chats(self, key: str | None = None) -> list[Request]:
        """The requests of `seen` that asked a model something."""
        return [r for r in self.seen(key) if r.path in CHATS]

    def until(self, requests: int, seconds: float = 20.0) -> None:
        """Waits until so many requests have come; AssertionError if it takes too long."""
        self._wait(lambda: len(self.seen()) >= requests, seconds)

    def idle(self, seconds: float = 20.0) -> None:
        """Waits until no connection is open; AssertionError if it takes too long."""
        gone = self._process.poll() is not None
        self._wait(lambda: gone or self._get("/_seen")["open"] == 0, seconds)

    def _wait(self, holds: Any, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, "it takes too long"
            time.sleep(0.01)

    def _get(self, path: str) -> Any:
        with _DIRECTLY.open(self.url + path, timeout=20) as answer:
            return json.load(answer)

    def _tell(self, path: str, body: Any) -> None:
        data = json.dumps(body).encode()
        with _DIRECTLY.open(self.url + path, data=data, timeout=20):
            pass
