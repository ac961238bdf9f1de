"""One server process for all tests of the clients; each test finds it as new."""

from collections.abc import Iterator

import pytest

from fakes.servers import Server


@pytest.fixture(scope="session")
def _server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def server(_server: Server) -> Server:
    _server.forget()
    return _server
