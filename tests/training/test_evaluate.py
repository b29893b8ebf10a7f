from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import (
    AutoTokenizer,
    Glm4vForConditionalGeneration,
    Glm4vImageProcessorPil,
)

from glyphagent.atlas import bundled_atlas
from glyphagent.document import Document
from glyphagent.errors import BackendError
from glyphagent.page import Page
from glyphagent.plugins import load
from glyphagent.raster import rgb_pixels
from glyphagent.style import Style
from glyphagent.training.card import card
from glyphagent.training.evaluate import (
    Reading,
    evaluation_styles,
    figures_of,
    foreign_confidence,
    patches_of,
    random_reading,
    read_pages,
)
from glyphagent.training.export import bundled_folder, export, install, load_reader
from glyphagent.training.model import build_model, tile_tokens
from glyphagent.training.trainer import Recipe, build_head

SOURCE = Path(__file__).read_text("utf-8")
bundled = pytest.mark.skipif(
    not (bundled_folder() / "reader.json").exists(), reason="no reader is bundled: `make nano`"
)


def pages_of(style: Style, text: str = SOURCE) -> list[Page]:
    renderer = load("renderers", "code")()
    return list(islice(renderer.render([Document("src/test.py", text)], style), 3))


def test_figures_count_errors_and_where_confidence_is_low() -> None:
    truth = np.array([0, 5, 5, 6, 7, 0], np.uint16)
    codes = np.array([0, 5, 5, 7, 7, 3], np.uint16)
    confidence = np.array([1, 1, 0.95, 0.4, 1, 0.995], np.float32)
    found = figures_of(Reading(truth, codes, confidence), bundled_atlas("fixed-7x7").characters)
    assert found["cells"] == 4
    assert found["errors"] == 2
    assert found["errors_on_space"] == 1
    assert found["error_share"] == 0.5
    assert found["silent_errors"] == 1
    assert found["confidence"]["0.9"]["errors_below"] == 0.5
    # Of the pairs of a wrong and a right cell, the wrong one is the less sure in 4 + 3.
    assert found["auroc"] == pytest.approx(7 / 8)


def test_export_is_a_stock_checkpoint_and_comes_back(tmp_path: Path) -> None:
    model, head = build_model(0), build_head(Recipe())
    expected = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    export(model, head, tmp_path / "nano", {"stage": "test"})
    stock = Glm4vForConditionalGeneration.from_pretrained(tmp_path / "nano", dtype=torch.float32)
    for name, tensor in stock.state_dict().items():
        assert torch.equal(tensor, expected[name].bfloat16().float()), name
    assert AutoTokenizer.from_pretrained(tmp_path / "nano").pad_token == "<|endoftext|>"
    _, read_head = load_reader(tmp_path / "nano")
    assert read_head.dimension == head.dimension
    install(tmp_path / "nano", tmp_path / "weights" / "nano")
    names = {path.name for path in (tmp_path / "nano").iterdir()}
    assert {path.name for path in (tmp_path / "weights" / "nano").iterdir()} == names
    assert sum(path.stat().st_size for path in (tmp_path / "nano").iterdir()) <= 24 * 2**20


def test_a_folder_without_a_reader_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="no reader in"):
        load_reader(tmp_path)


@bundled
@pytest.mark.parametrize("name", evaluation_styles())
def test_bundled_weights_read_a_page_of_their_own_test(name: str) -> None:
    model, head = load_reader(bundled_folder())
    style = evaluation_styles()[name]
    found = figures_of(
        read_pages(model.model.visual, head, pages_of(style)), style.glyphs.characters
    )
    bound = 0.001 if style.atlas == "fixed-7x14" else 0.01
    assert found["cells"] > 1000
    assert found["error_share"] <= bound


@bundled
@pytest.mark.parametrize("atlas_name", ["fixed-7x14", "fixed-7x7"])
def test_bundled_weights_read_every_character(atlas_name: str) -> None:
    model, head = load_reader(bundled_folder())
    read = random_reading(model.model.visual, head, atlas_name, 1000)
    assert set(read.truth.tolist()) == set(np.flatnonzero(bundled_atlas(atlas_name).drawable))
    assert figures_of(read, bundled_atlas(atlas_name).characters)["error_share"] <= 0.02


@bundled
def test_single_tiles_of_the_bundled_tower_are_the_stock_tower_on_the_page() -> None:
    model, head = load_reader(bundled_folder())
    style = evaluation_styles()["grid flow"]
    pixels = rgb_pixels(pages_of(style)[0])[:112]
    inputs = Glm4vImageProcessorPil.from_pretrained(bundled_folder())(pixels, return_tensors="pt")
    with torch.inference_mode():
        stock = model.model.visual(inputs["pixel_values"], inputs["image_grid_thw"]).pooler_output
        alone, _ = tile_tokens(model.model.visual, patches_of(pixels))
        torch.testing.assert_close(alone, stock, rtol=1e-4, atol=1e-4)
        codes = [head(tokens, style.atlas).argmax(-1) for tokens in (alone, stock)]
    assert torch.equal(*codes)


@bundled
def test_bundled_weights_doubt_what_they_cannot_read() -> None:
    model, head = load_reader(bundled_folder())
    pages = pages_of(evaluation_styles()["grid flow"])[:1]
    sure = foreign_confidence(model.model.visual, head, pages)
    assert sure.pop("as rendered") > 0.99
    assert max(sure.values()) < 0.7


def test_card_says_what_is_not_trained() -> None:
    run = {
        "parameters": 7_000_000,
        "cpu_seconds": 1200.0,
        "steps": 10,
        "recipe": {"seed": 20},
        "revision": "abc",
        "packages": {"torch": "2"},
        "data": {
            "characters": 10,
            "digest": "d",
            "projects": [{"licence": "MIT", "project": "p", "version": "1"}],
        },
    }
    reading = Reading(np.array([1, 2]), np.array([1, 3]), np.array([1, 0.2], np.float32))
    figures = figures_of(reading, bundled_atlas("fixed-7x7").characters)
    measured = {
        "projects": {"rich": "15"},
        "documents": 1,
        "characters": 2,
        "styles": {"grid flow": {"pages": 1, **figures}},
        "random": {"grid": {"pages": 0, **figures}},
        "foreign": {"grid": {"as rendered": 1.0, "moved": 0.1}},
    }
    text = card(run, measured)
    assert "decoder is\nexported as it was initialised" in text
    assert "50.0000%" in text
    assert "rich 15" in text
