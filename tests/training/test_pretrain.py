from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from glyphagent.training.pretrain import CHECKPOINT, METRICS, train
from glyphagent.training.tiles import ATLASES, Tiles
from glyphagent.training.trainer import Recipe, load_trained

MICRO = Recipe(tiles=dict.fromkeys(ATLASES, 8), foreign=5, compiled=False)


def test_a_budget_ends_a_run_and_a_spent_one_does_nothing(
    tmp_path: Path, pools: dict[str, Tiles]
) -> None:
    done = train(MICRO, pools, tmp_path, minutes=0.01, report_every_s=0)
    assert done.steps > 0
    assert done.cpu_seconds >= 0.6
    lines = (tmp_path / METRICS).read_text("utf-8").splitlines()
    assert [json.loads(line)["step"] for line in lines] == list(range(1, done.steps + 1))
    again = train(MICRO, pools, tmp_path, minutes=0.01)
    assert again.steps == done.steps
    fresh = train(MICRO, pools, tmp_path, minutes=0.0, fresh=True)
    assert fresh.steps == 0


def test_an_interrupt_saves_first(tmp_path: Path, pools: dict[str, Tiles]) -> None:
    def interrupt(_: dict[str, float]) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(MICRO, pools, tmp_path, minutes=5, report_every_s=0, report=interrupt)
    assert load_trained(tmp_path / CHECKPOINT).steps == 1
