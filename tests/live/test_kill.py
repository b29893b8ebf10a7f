"""A store after kill -9, on a full disk, unwritable or altered: never a page that is not right."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.measuring import ROOT


@pytest.mark.slow
def test_nothing_torn_is_served_after_a_kill_or_damage(tmp_path: Path) -> None:
    output = tmp_path / "result.json"
    # A process of its own, because it forks.
    command = [sys.executable, "-m", "tests.live.kill", "--kills", "1", "--output", str(output)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    result = json.loads(output.read_text())
    assert result["while_refreshing"] == 1
    assert (result["errors"], result["sessions_with_other_pages"], result["torn_files"]) == (
        0,
        0,
        0,
    )
    assert result["processes_that_outlived_the_kill"] == 0
    assert result["altered_store"]["altered"] > 0
    assert result["altered_store"]["torn"] >= result["altered_store"]["altered"]
    assert result["altered_store"]["differences"] == []
    assert result["store_nobody_may_write_to"]["differences"] == []
    small = result["small_disk"]
    if "not_run" not in small:
        assert "No space left" in small["full"]["refusal"]
        assert "Read-only" in small["mounted_read_only"]["refusal"]
        assert not any(each["differences"] for each in small.values())
