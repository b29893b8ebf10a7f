from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from glyphagent.outcomes import Estimate
from glyphagent.profiles import Prices
from glyphagent.session import Session
from glyphagent.tools import cli


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's file of profiles, empty."""
    path = tmp_path / "profiles.toml"
    path.write_text("")
    monkeypatch.setenv("GLYPHAGENT_PROFILES", str(path))
    return path


def figures(
    capsys: pytest.CaptureFixture[str], source: Path, *options: str
) -> tuple[dict[str, Any], str]:
    assert cli.main(["estimate", str(source), "--json", *options]) == 0
    shown = capsys.readouterr()
    return json.loads(shown.out), shown.err


def test_every_figure_is_in_the_json(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    told, notes = figures(capsys, shop)
    assert set(told) == {*Estimate.__dataclass_fields__, "revision"}
    assert (told["profile"], told["requests"], told["prices"]) == ("nano", 1, None)
    assert told["images_win"] == (told["break_even"] > 1)
    assert told["reasons"] == ([] if told["images_win"] else ["ratio below margin"])
    assert (told["warnings"], notes) == ([], "")


@pytest.mark.parametrize(
    ("model", "profile"),
    [
        ("anthropic:claude-sonnet-4-5", "claude"),
        ("openai/gpt-5.5", "gpt-5.5"),
        ("gpt-4o", "gpt-4o"),
        ("gemini-3-pro", "gemini-3"),
        ("Qwen/Qwen3-VL-8B-Instruct", "qwen3-vl"),
        ("OpenGVLab/InternVL3-8B", "internvl"),
    ],
)
def test_pages_are_drawn_for_the_model_and_its_lack_of_a_style_is_told_once(
    capsys: pytest.CaptureFixture[str], shop: Path, model: str, profile: str
) -> None:
    told, notes = figures(capsys, shop, "--for", model)
    assert (told["model"], told["profile"], told["resampled_pages"]) == (model, profile, 0)
    assert told["visual_tokens"] > 0
    assert notes.count("no page style was measured") == 1
    assert told["reasons"] in ([], ["ratio below margin"])


def test_a_model_where_images_never_pay(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    told, _ = figures(capsys, shop, "--for", "gpt-4o-mini")
    assert (told["advice"], told["reasons"]) == ("send text", ["ratio below margin"])


def test_an_unknown_model_is_told_of_once(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    told, notes = figures(capsys, shop, "--for", "mystery-9")
    assert (told["profile"], told["reasons"]) == ("unknown", ["unknown model"])
    assert notes.count("mystery-9") == 1
    assert len(notes.splitlines()) == len(told["warnings"]) == 1


def test_money_by_option_and_by_the_user_s_file(
    capsys: pytest.CaptureFixture[str], shop: Path, file: Path
) -> None:
    options = ("--price-in", "3", "--price-image", "4", "--price-cached", "0.3")
    told, _ = figures(capsys, shop, *options)
    assert told["prices"] == {"text": 3.0, "image": 4.0, "cached": 0.3}
    assert told["text_cost"] == pytest.approx(told["text_tokens"] * 3e-6)
    assert told["image_cost"] == pytest.approx(told["visual_tokens"] * 4e-6)
    file.write_text('[models."nano"]\nprices = { text = 3.0, image = 4.0, cached = 0.3 }\n')
    assert figures(capsys, shop)[0] == told
    assert Session.open(shop).estimate(prices=Prices(1.0)).text_cost == pytest.approx(
        told["text_tokens"] * 1e-6
    )


def test_what_the_cache_costs_is_shown(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    assert cli.main(["estimate", str(shop), "--for", "claude-opus-4-8", "--price-in", "1000"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    money = re.search(r"text costs ([\d.]+); ([\d.]+) to put it in the cache, then ([\d.]+)", shown)
    assert money
    plainly, written, cached = map(float, money.groups())
    assert written == pytest.approx(plainly * 1.25, abs=1e-3)
    assert cached == pytest.approx(plainly * 0.1, abs=1e-3)


def test_prices_of_nothing_are_refused(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    assert cli.main(["estimate", str(shop), "--price-image", "4"]) == 2
    assert "--price-in" in capsys.readouterr().err
    assert cli.main(["estimate", str(shop), "--price-in", "-4"]) == 2


@pytest.mark.parametrize("option", ["--price-in", "--price-image", "--price-cached"])
@pytest.mark.parametrize("price", ["inf", "nan", "-inf", "1e308"])
def test_a_price_that_is_no_number_is_refused(
    capsys: pytest.CaptureFixture[str], shop: Path, option: str, price: str
) -> None:
    options = ["--price-in", "1"] if option != "--price-in" else []
    assert cli.main(["estimate", str(shop), *options, f"{option}={price}", "--json"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert option in shown.err


def test_a_damaged_file_of_profiles_is_one_line(
    capsys: pytest.CaptureFixture[str], shop: Path, file: Path
) -> None:
    file.write_text('[models."gpt-5"]\nmax_image = 3\n')
    assert cli.main(["estimate", str(shop), "--for", "gpt-5"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    (line,) = shown.err.splitlines()
    assert "max_image" in line
    assert str(file) in line


def test_for_people(capsys: pytest.CaptureFixture[str], shop: Path) -> None:
    options = ["--for", "claude-opus-4-8", "--price-in", "5"]
    assert cli.main(["estimate", str(shop), *options]) == 0
    shown = capsys.readouterr()
    for part in ("(claude-opus-4-8, profile claude-4.7)", "break-even", "from the cache", "advice"):
        assert part in shown.out
    assert "text costs" in shown.out
    assert "pages cost" in shown.out
    assert shown.err.count("warning:") == 2
    assert "\x1b" not in shown.out + shown.err


def test_a_model_s_name_cannot_steer_the_terminal(
    capsys: pytest.CaptureFixture[str], shop: Path
) -> None:
    assert cli.main(["estimate", str(shop), "--for", "evil\x1b[2J"]) == 0
    shown = capsys.readouterr()
    assert "\x1b" not in shown.out + shown.err
