"""A short soak: a watched session is what a fresh one is whenever the work stops."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live.soak import soak


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "quiet_s"), [(101, 0.4), (102, 0.05)])
def test_a_watched_session_equals_a_fresh_one_whenever_work_stops(
    tmp_path: Path, seed: int, quiet_s: float
) -> None:
    result = soak(tmp_path, operations=80, between=40, seed=seed, quiet_s=quiet_s, files=30)
    assert sum(result["operations_done"].values()) == 80
    assert result["comparisons"] == 2
    assert result["differences"] == 0, result["points"]
    assert result["never_settled"] == 0, result["points"]
    assert result["replanned_pages_equal_a_fresh_session"]
    assert result["refreshes"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("how", [{"plain": True}, {"polling": True}])
def test_so_it_does_without_git_and_without_events(tmp_path: Path, how: dict[str, bool]) -> None:
    result = soak(tmp_path, operations=40, between=40, seed=103, files=20, **how)
    assert result["operations_done"]
    assert result["watched_by"] == ("polling" if "polling" in how else "inotify")
    assert result["differences"] == result["never_settled"] == 0, result["points"]
    assert result["comparisons"] == 1
    assert result["refreshes"] > 0
    assert result["replanned_pages_equal_a_fresh_session"]
