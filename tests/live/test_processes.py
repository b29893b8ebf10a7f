"""Two processes that watch and one that reads: one store, no error, one outcome."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live.processes import together


@pytest.mark.slow
def test_processes_on_one_store_end_equal(tmp_path: Path) -> None:
    result = together(tmp_path, operations=60, between=60, seed=7)
    assert result["processes_that_failed"] == 0
    assert result["comparisons"] == 2
    assert (result["differences"], result["never_settled"]) == (0, 0), result["points"]
    assert result["all_end_equal"]
    assert result["reader_differences"] == []
    assert result["files_in_the_store"] > 0
    assert (result["torn_files"], result["files_with_the_same_bytes_as_another"]) == (0, 0)
