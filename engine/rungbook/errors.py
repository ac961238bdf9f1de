"""What a user may be told: what went wrong, what to do next, a stable code and an exit status.

Statuses from 64 on are those of BSD's sysexits.h; 0 to 2 belong to the commands themselves.
"""

from typing import ClassVar


class UserError(Exception):
    """Something the user can put right; never shown as a traceback."""

    code: ClassVar[str] = "E000"
    status: ClassVar[int] = 70

    def __init__(self, what: str, next_step: str = "") -> None:
        super().__init__(what)
        self.next_step = next_step


class UsageError(UserError):
    """The command was called in a way it does not understand."""

    code, status = "E001", 64


class SpecsBroken(UserError):
    """The specs have errors, so nothing can run by them."""

    code, status = "E101", 65


class NotFound(UserError):
    """There is no file, run or spec of that name."""

    code, status = "E102", 66


class BadSql(UserError):
    """A query that DuckDB refuses."""

    code, status = "E103", 65


class ToolMissing(UserError):
    """A program that is needed is not on this machine."""

    code, status = "E201", 69


class GitFailed(UserError):
    """Git refused a call."""

    code, status = "E202", 69


class StateFailed(UserError):
    """The state folder cannot be read or written."""

    code, status = "E203", 74


class Conflict(UserError):
    """The user's files changed under a change that was to be applied; nothing was written."""

    code, status = "E204", 75


class Refused(UserError):
    """A change that must not be applied: a path that leaves the project, an odd name."""

    code, status = "E205", 77
