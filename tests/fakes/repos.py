"""Git repositories to test on, some of them hostile."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from fakes.projects import written

CLEAN = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


def git(folder: Path, *args: str) -> str:
    """Plain git, as its user would call it."""
    command = ["git", "-c", "protocol.file.allow=always", *args]
    env = {**os.environ, **CLEAN}
    done = subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def repository(folder: Path, files: Mapping[str, str], *init: str) -> Path:
    """A repository with one commit of some files."""
    written(folder, files)
    git(folder, "init", "-q", "-b", "main", *init)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def trapped(repo: Path, mark: Path) -> Path:
    """Make all that a repository can have run write a mark: hooks, fsmonitor, filters, aliases."""
    trap = repo / ".git" / "trap"
    trap.write_text(f'#!/bin/sh\necho "$0 $*" >> {mark}\ncat\n')
    trap.chmod(0o755)
    (repo / ".git" / "hooks").mkdir(exist_ok=True)
    for hook in ("post-checkout", "pre-commit", "post-index-change", "reference-transaction"):
        (repo / ".git" / "hooks" / hook).symlink_to(trap)
    settings = {
        "core.fsmonitor": trap,
        "core.hooksPath": repo / ".git" / "hooks",
        "filter.evil.clean": trap,
        "filter.evil.smudge": trap,
        "filter.evil.process": trap,
        "diff.evil.textconv": trap,
        "diff.evil.command": trap,
        "diff.external": trap,
        "core.pager": trap,
        "core.sshCommand": trap,
        "gpg.program": trap,
        "commit.gpgSign": "true",
        "alias.ls-files": f"!{trap}",
    }
    config = (repo / ".git" / "config").open("a")
    with config:
        for key, value in settings.items():
            section, _, name = key.rpartition(".")
            head, _, sub = section.partition(".")
            title = f'{head} "{sub}"' if sub else head
            config.write(f'[{title}]\n\t{name} = "{value}"\n')
    (repo / ".gitattributes").write_text("* filter=evil diff=evil text eol=crlf\n")
    return repo


def snapshot(folder: Path) -> dict[str, bytes | str]:
    """Every file of a folder and what is in it."""
    return {
        str(path.relative_to(folder)): str(path.readlink())
        if path.is_symlink()
        else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }
