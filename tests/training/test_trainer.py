from __future__ import annotations

from pathlib import Path

import pytest
import torch

from glyphagent.training.tiles import ATLASES, Tiles
from glyphagent.training.trainer import Recipe, Trainer, load_trained

MICRO = Recipe(tiles=dict.fromkeys(ATLASES, 8), foreign=5, compiled=False)


def weights_of(trainer: Trainer) -> list[torch.Tensor]:
    return [*trainer.visual.state_dict().values(), *trainer.head.state_dict().values()]


@pytest.mark.parametrize("done", [0.1, 0.6])
def test_a_resumed_run_does_what_the_unbroken_one_does(
    tmp_path: Path, pools: dict[str, Tiles], done: float
) -> None:
    unbroken = Trainer(MICRO, pools)
    for _ in range(3):
        unbroken.step(done)
    unbroken.save(tmp_path / "checkpoint.pt")
    expected = [unbroken.step(done) for _ in range(3)]

    resumed = Trainer(MICRO, pools)
    resumed.restore(tmp_path / "checkpoint.pt")
    assert [resumed.step(done) for _ in range(3)] == expected
    pairs = zip(weights_of(unbroken), weights_of(resumed), strict=True)
    assert all(torch.equal(first, second) for first, second in pairs)


def test_training_learns_a_page_by_heart(pools: dict[str, Tiles]) -> None:
    recipe = Recipe(
        tiles=dict.fromkeys(ATLASES, 16), random_share=0.0, learning_rate=1e-3, compiled=False
    )
    trainer = Trainer(recipe, pools)
    first = trainer.step(0.1)
    for _ in range(99):
        last = trainer.step(0.1)
    assert first["loss"] > 5
    assert last["loss"] < 0.1


def test_reading_leaves_the_tower_local_and_the_decoder_alone(
    tmp_path: Path, pools: dict[str, Tiles]
) -> None:
    trainer = Trainer(MICRO, pools)
    before = {n: t.clone() for n, t in trainer.model.state_dict().items() if "visual" not in n}
    trainer.step(0.1)
    after = trainer.model.state_dict()
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items())
    assert not after["model.visual.blocks.0.attn.proj.weight"].any()
    trainer.save(tmp_path / "checkpoint.pt")
    loaded = load_trained(tmp_path / "checkpoint.pt")
    assert loaded.steps == 1
    assert all(
        torch.equal(tensor, after[name]) for name, tensor in loaded.model.state_dict().items()
    )


def test_learning_rate_rises_then_falls_with_the_budget(pools: dict[str, Tiles]) -> None:
    trainer = Trainer(MICRO, pools)
    rates = [trainer.rate(done) for done in (0.0, 0.02, 0.04, 0.5, 1.0)]
    assert rates[0] < rates[1] < rates[2] > rates[3] > rates[4]
    assert rates[4] == pytest.approx(MICRO.final_learning_rate)
