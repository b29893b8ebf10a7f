"""Fixtures of the core's tests.

scratch_git   makes real repositories with the git binary, free of the user's configuration
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Git = Callable[..., str]


@pytest.fixture
def scratch_git(tmp_path: Path) -> Git:
    """Run git in a folder, and give its output; `files` are written before."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment = inherited | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(tmp_path),
    }
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_NAME": "Ada", f"GIT_{role}_EMAIL": "ada@example.org"}

    def run(folder: Path, *arguments: str, files: dict[str, str | bytes] | None = None) -> str:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in (files or {}).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        done = subprocess.run(
            [
                "git",
                "-c",
                "init.defaultBranch=main",
                "-c",
                "protocol.file.allow=always",
                *arguments,
            ],
            cwd=folder,
            env=environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0 or arguments[0] == "rebase", done.stderr.decode()
        return done.stdout.decode().strip()

    return run
