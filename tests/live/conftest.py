"""What the tests of living sessions share: a store of their own, and a system that has events."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# Processes are looked at in /proc, and the programs start each other by `python -m`.
collect_ignore_glob = [] if sys.platform == "linux" else ["test_*.py"]


@pytest.fixture(autouse=True)
def store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for caches; what the programs set instead is forgotten afterwards."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("GLYPHAGENT_CACHE_DIR", str(folder))
    return folder
