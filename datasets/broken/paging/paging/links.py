"""Link headers (RFC 8288) for a page."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from paging.page import Page


def links(page: Page[Any], url: str) -> str:
    """The value of the Link header: first, prev, next and last, where they exist."""
    targets = {"first": 1, "prev": page.previous, "next": page.next, "last": page.pages}
    return ", ".join(
        f'<{with_page(url, number)}>; rel="{name}"'
        for name, number in targets.items()
        if number is not None
    )


def with_page(url: str, number: int) -> str:
    """The address with its `page` parameter set, the others kept in order."""
    parts = urlsplit(url)
    query = [(key, value) for key, value in parse_qsl(parts.query) if key != "page"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("page", number)])))
