from __future__ import annotations

import pytest
import torch

from glyphagent.training.model import (
    GlyphHead,
    build_model,
    is_local,
    nano_config,
    tile_tokens,
)
from glyphagent.training.tokenizer import vocabulary


def test_first_weights_follow_from_the_seed_and_leave_random_state_alone() -> None:
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    first, again = build_model(1), build_model(1)
    assert torch.equal(torch.rand(4), expected)
    other = build_model(2)
    name = "model.visual.merger.proj.weight"
    assert torch.equal(first.state_dict()[name], again.state_dict()[name])
    assert not torch.equal(first.state_dict()[name], other.state_dict()[name])


def test_model_fits_into_the_package() -> None:
    model = build_model(0)
    assert sum(weight.numel() for weight in model.parameters()) * 2 <= 15 * 2**20


def test_every_token_id_of_the_configuration_is_a_token() -> None:
    config = nano_config()
    ids = [config.image_token_id, config.video_token_id, config.image_start_token_id]
    ids += [config.image_end_token_id, config.video_start_token_id, config.video_end_token_id]
    assert len(set(ids)) == 6
    assert max(ids) < len(vocabulary())
    assert config.to_dict()["text_config"]["vocab_size"] == len(vocabulary())


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (2, 8), (5, 3), (16, 24)])
def test_tiles_alone_give_the_tokens_of_the_stock_tower(rows: int, columns: int) -> None:
    """Tolerance 1e-5 in float32: the order of sums differs, nothing else."""
    visual = build_model(0).model.visual.eval()
    with torch.no_grad():
        for block in visual.blocks:  # norms that are not one, as after training
            block.norm2.weight.uniform_(0.5, 2)
        tiles = torch.randn(rows * columns, 4, 588)
        planes = tiles.view(-1, 3, 1, 14, 14).expand(-1, -1, 2, -1, -1)
        pixels = planes.reshape(rows * columns * 4, -1)
        grid = torch.tensor([[1, rows * 2, columns * 2]])
        stock = visual(pixels, grid).pooler_output
        tokens, _ = tile_tokens(visual, tiles)
    torch.testing.assert_close(tokens, stock, rtol=1e-5, atol=1e-5)


def test_a_tower_that_looks_around_is_not_local() -> None:
    visual = build_model(0).model.visual
    assert is_local(visual)
    with torch.no_grad():
        visual.blocks[1].attn.proj.weight[0, 0] = 0.1
    assert not is_local(visual)


def test_glyph_head_is_the_equation_of_its_docstring() -> None:
    head = GlyphHead(6, 5, 3, {"a": 2, "b": 4})
    tokens = torch.randn(7, 6)
    weights = head.state_dict()
    inner = tokens @ weights["slots.b.weight"].T + weights["slots.b.bias"]
    inner = torch.nn.functional.gelu(inner).view(7, 4, 3)
    logits = inner @ weights["classes.weight"].T + weights["classes.bias"]
    torch.testing.assert_close(head(tokens, "b"), logits)
    assert head(tokens, "a").shape == (7, 2, 5)
