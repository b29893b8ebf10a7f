"""Repositories of real source, made from the packages that are installed."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from functools import cache
from pathlib import Path

KINDS = frozenset((".py", ".pyi", ".md", ".txt", ".json", ".toml", ".js", ".css", ".rst", ".html"))
_ENVIRONMENT = {
    **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_EDITOR": "true",
}


def git(root: Path, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """A finished git command in a folder, without the user's configuration."""
    return subprocess.run(
        ["git", "-c", "init.defaultBranch=main", "-C", str(root), *words],
        env=_ENVIRONMENT,
        capture_output=True,
        text=True,
        errors="replace",
        check=check,
    )


@cache
def real_files(most_bytes: int = 16_000, least_bytes: int = 200) -> tuple[Path, ...]:
    """Text files of the installed packages, in one order."""
    packages = Path(sysconfig.get_path("purelib"))
    found = []
    for folder, folders, names in os.walk(packages):
        folders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            if path.suffix in KINDS and least_bytes <= path.stat().st_size <= most_bytes:
                found.append(path)
    return tuple(found)


def make_repository(root: Path, count: int, most_bytes: int = 16_000) -> list[str]:
    """Fill a folder with `count` real files, in the folders that they come from, and commit.

    Gives their paths. The files are taken at even distances from all that there are.
    """
    packages = Path(sysconfig.get_path("purelib"))
    every = real_files(most_bytes)
    chosen = [every[number * len(every) // count] for number in range(count)]
    assert len(set(chosen)) == count, f"only {len(every)} files are installed"
    paths = []
    for source in chosen:
        path = source.relative_to(packages)
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
        paths.append(path.as_posix())
    git(root, "init", "-q")
    # All of it, whatever ignore files the packages bring.
    git(root, "add", "-f", "-A")
    git(root, "commit", "-qm", "start")
    return paths
