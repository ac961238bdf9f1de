"""The feed: one `version channel url` line a release, in any order."""

from dataclasses import dataclass

from releases.version import parse_version


@dataclass(frozen=True)
class Release:
    """One line of the feed."""

    version: str
    channel: str
    url: str


def parse_feed(text: str) -> list[Release]:
    """All releases of a feed, the newest first; `#` begins a comment."""
    lines = (line.partition("#")[0].split() for line in text.splitlines())
    releases = [Release(*fields) for fields in lines if fields]
    return sorted(releases, key=lambda release: release.version, reverse=True)


def best(feed: list[Release], installed: str, channel: str = "stable") -> Release | None:
    """The newest release of the channel above the installed version, None if there is none.

    The beta channel sees stable releases too.
    """
    channels = {"stable"} if channel == "stable" else {"stable", channel}
    current = parse_version(installed)
    for release in feed:
        if release.channel in channels:
            return release if parse_version(release.version) > current else None
    return None
