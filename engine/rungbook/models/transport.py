"""The way to a model server: bounded answers, no redirects, no proxies, and a key where it may go.

Both clients and the look at a host's models go through here; retries are in `calls.py`.
"""

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx

CONNECT_S = 5.0
"""Seconds a host has to accept a connection; the answer has the whole time of the call."""

MOST_BYTES = 32_000_000
"""The longest answer that is read: 100,000 tokens, each in an event of its own, are less."""

REFUSAL_BYTES = 20_000
"""What is read of an answer that is a refusal."""


class Declined(Exception):
    """The server said no before it answered: its status, its words, when to come back."""

    def __init__(self, status: int, said: str, retry_after: str | None = None) -> None:
        super().__init__(f"HTTP {status}")
        self.status, self.said, self.retry_after = status, said, retry_after


class Unreadable(Exception):
    """An answer that cannot be read: too long, compressed, of another type."""


@dataclass(slots=True, eq=False)
class Line(httpx.AsyncBaseTransport):
    """One call's line to a server; raises Declined for every status but 200, else Unreadable.

    `kinds`: the content types that an answer may have, none for any; `call` names it in the
    server's log.
    """

    kinds: tuple[str, ...] = ()
    secret: str | None = field(default=None, repr=False)
    call: str = ""
    sent: bool = field(default=False, init=False)
    """Whether a request went out that the server has not declined: it may be at work on it."""
    _inner: httpx.AsyncHTTPTransport | None = field(default=None, init=False, repr=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it once; what a client says of keys and encodings is said anew."""
        self._dress(request.headers)
        request.extensions |= {
            "trace": self._heard,
            "timeout": {"connect": CONNECT_S, "read": None, "write": None, "pool": CONNECT_S},
        }
        if self._inner is None:
            self._inner = httpx.AsyncHTTPTransport(verify=_trust(request.url.scheme))
        response = await self._inner.handle_async_request(request)
        try:
            return await self._accepted(response)
        except BaseException:
            await response.aclose()
            raise

    def _dress(self, headers: httpx.Headers) -> None:
        headers.pop("authorization", None)
        headers.update({"accept-encoding": "identity", "user-agent": "rungbook"})
        if self.secret:
            headers["authorization"] = f"Bearer {self.secret}"
        if self.call:
            headers["x-client-request-id"] = self.call

    async def _heard(self, event: str, _: Any) -> None:
        """What the connection does, told by httpcore."""
        if event.endswith("send_request_headers.started"):
            self.sent = True

    async def _accepted(self, response: httpx.Response) -> httpx.Response:
        if response.status_code != 200:
            said = await _beginning(response, REFUSAL_BYTES)
            self.sent = False
            raise Declined(response.status_code, said, response.headers.get("retry-after"))
        encoding = response.headers.get("content-encoding", "identity")
        if encoding.lower() != "identity":
            raise Unreadable(f"the answer is compressed ({encoding}), which was not asked for")
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if self.kinds and kind not in self.kinds:
            known = "content-length" in response.headers
            said = f": {await _beginning(response, REFUSAL_BYTES)}" if known else ""
            wrong = f"the answer is {kind or 'of no type'} instead of {self.kinds[0]}"
            raise Unreadable(wrong + said)
        # Without its parameters: both protocols are UTF-8, and Python knows charsets that unpack.
        return httpx.Response(
            200,
            headers={"content-type": kind},
            stream=_Capped(_parts(response), response),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """Close the connection."""
        if self._inner is not None:
            await self._inner.aclose()


@cache
def _trust(scheme: str) -> ssl.SSLContext:
    """Whom https trusts: those of httpx, or of SSL_CERT_FILE; loaded only where it is spoken."""
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.create_ssl_context() if scheme == "https" else nobody


async def _beginning(response: httpx.Response, most: int) -> str:
    """The first bytes of a body, as text; a connection that breaks ends it."""
    found = b""
    try:
        async for part in _parts(response):
            found += part
            if len(found) >= most:
                break
    except httpx.TransportError:
        pass
    return found[:most].decode("utf-8", "replace")


def _parts(response: httpx.Response) -> AsyncIterator[bytes]:
    assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - it is of our transport
    return aiter(response.stream)


@dataclass(slots=True, eq=False)
class _Capped(httpx.AsyncByteStream):
    """A body up to the limit; Unreadable beyond it."""

    parts: AsyncIterator[bytes]
    response: httpx.Response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self.parts:
            size += len(part)
            if size > MOST_BYTES:
                raise Unreadable(f"the answer is longer than {MOST_BYTES:,} bytes")
            yield part

    async def aclose(self) -> None:
        await self.response.aclose()
