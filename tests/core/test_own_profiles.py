from __future__ import annotations

import os
from pathlib import Path

import pytest

from glyphagent.errors import PageError
from glyphagent.own_profiles import VARIABLE, own_profiles
from glyphagent.profiles import UNKNOWN, CacheRules, Prices, profile_for, visual_tokens
from glyphagent.targets import style_for


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's file, empty."""
    path = tmp_path / "mine.toml"
    path.write_text("")
    monkeypatch.setenv(VARIABLE, str(path))
    return path


def test_without_a_file_nothing_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert own_profiles() == ()


def test_the_file_lies_in_the_user_s_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "glyphagent").mkdir()
    (tmp_path / "glyphagent" / "profiles.toml").write_text('[models."gpt-5"]\nmax_images = 7\n')
    assert profile_for("gpt-5").max_images == 7


def test_no_file_of_the_place_where_we_stand_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    for name in ("profiles.toml", "glyphagent.toml", "glyphagent/profiles.toml"):
        place = tmp_path / name
        place.parent.mkdir(exist_ok=True)
        place.write_text('[models."gpt-5"]\nmax_images = 7\n')
    assert profile_for("gpt-5").max_images != 7


def test_prices_of_a_model_that_we_know(file: Path) -> None:
    before = profile_for("claude-sonnet-4-5")
    file.write_text('[models."claude-sonnet-4-5*"]\nprices = { text = 3, cached = 0.3 }\n')
    now = profile_for("anthropic:claude-sonnet-4-5-20250929")
    assert now.prices == Prices(3.0, None, 0.3)
    assert now.prices.of_images == 3.0
    assert (now.name, now.max_patches) == (before.name, before.max_patches)
    assert str(file) in now.source
    assert before.source in now.source
    assert profile_for("claude-opus-4-8").prices is None


def test_a_model_that_is_like_another(file: Path) -> None:
    file.write_text(
        '[models."my-org/my-vlm"]\nlike = "qwen2.5-vl"\nmax_images = 16\npreset = "grid-dense"\n'
        'images_in_tool_results = true\ntool_image_apis = ["openai-responses"]\n'
        "max_pixels = 1_000_000\n"
    )
    mine = profile_for("my-org/My-VLM")
    assert (mine.name, mine.formula, mine.max_images) == ("my-org/my-vlm", "qwen", 16)
    assert mine.images_in_tool_results
    assert mine.tool_image_apis == ("openai-responses",)
    assert visual_tokens(mine, 2000, 2000) < 1_000_000 / 784
    assert style_for(mine).preset == "grid-dense"


def test_a_model_with_a_formula_of_its_own(file: Path) -> None:
    file.write_text(
        '[models."tiled*"]\nformula = "openai-tiles"\npatch_px = 28\ntile_px = 512\n'
        "base_tokens = 10\ntile_tokens = 20\npage_px = [756, 1008]\nname = 'tiled'\n"
        "cache = { automatic = true, min_tokens = 512, read_multiplier = 0.5 }\n"
    )
    mine = profile_for("tiled-2")
    assert (mine.name, visual_tokens(mine, 512, 1024)) == ("tiled", 50)
    assert mine.cache is not None
    assert mine.cache == CacheRules(True, None, 512, None, 0.5, mine.cache.source)
    assert style_for(mine).width_px == 756


def test_a_detail_and_a_limit_that_is_lifted(file: Path) -> None:
    file.write_text('[models."gpt-5.5"]\ndetail = "high"\nmax_images = "none"\n')
    mine = profile_for("gpt-5.5")
    assert (mine.max_patches, mine.max_images) == (2_500, None)


def test_prices_alone_say_nothing_of_images(file: Path) -> None:
    file.write_text('[models."mystery*"]\nprices = { text = 1 }\n')
    mine = profile_for("mystery-9")
    assert (mine.name, mine.takes_images) == (UNKNOWN.name, False)
    assert mine.prices == Prices(1.0)


def test_images_can_be_forbidden(file: Path) -> None:
    file.write_text('[models."gpt-5"]\nformula = "none"\n')
    assert (profile_for("gpt-5").name, profile_for("gpt-5").takes_images) == ("gpt-5", False)


def test_the_first_table_that_fits_is_taken_and_a_change_is_seen(file: Path) -> None:
    file.write_text('[models."gpt-5"]\nmax_images = 3\n[models."gpt-*"]\nmax_images = 4\n')
    assert [profile_for(m).max_images for m in ("gpt-5", "gpt-5.5")] == [3, 4]
    file.write_text('[models."gpt-*"]\nmax_images = 5\n')
    os.utime(file, ns=(1, 1))
    assert profile_for("gpt-5").max_images == 5


def test_a_file_that_is_named_and_missing_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "gone.toml"))
    with pytest.raises(PageError, match=r"GLYPHAGENT_PROFILES names .*gone\.toml"):
        profile_for("gpt-5")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[", "mine.toml"),
        ("\udcff", "mine.toml"),
        ("model = 1", "no key 'model'"),
        ("models = 1", "must be a table of models"),
        ("models = { x = 1 }", "must be a table, not 1"),
        ('[models.""]\nmax_images = 1', "a model needs an id"),
        ('[models."gpt-5"]\nmax_image = 1', "no key 'max_image'; there are: .*max_images"),
        ('[models."gpt-5"]\nmodels = ["x"]', "no key 'models'"),
        ('[models."gpt-5"]\nmax_images = 0', "max_images must be a whole number from 1, not 0"),
        ('[models."gpt-5"]\nmax_images = true', "whole number from 1, not True"),
        ('[models."gpt-5"]\nblock_tokens = -1', "whole number from 0, not -1"),
        ('[models."gpt-5"]\npatch_px = "none"', "patch_px must be a whole number"),
        ('[models."gpt-5"]\nmultiplier = "x"', "multiplier must be a number from 0"),
        ('[models."gpt-5"]\npreset = 1', "preset must be a text"),
        ('[models."gpt-5"]\nformula = "magic"', "no 'magic'; there are: .*qwen"),
        ('[models."gpt-5"]\nimages_in_tool_results = 1', "must be true or false"),
        ('[models."gpt-5"]\ntool_image_apis = "x"', "tool_image_apis must be like"),
        ('[models."gpt-5"]\npage_px = [1]', r"must be \[width, height\]"),
        ('[models."gpt-5"]\nprices = 3', "prices must be like"),
        ('[models."gpt-5"]\nprices = { image = 3 }', "prices must be like"),
        ('[models."gpt-5"]\nprices = { text = 3, out = 9 }', "prices must be like"),
        ('[models."gpt-5"]\nprices = { text = -3 }', "prices.text must be a number from 0"),
        ('[models."gpt-5"]\nprices = { text = nan }', "prices.text must be a number from 0"),
        ('[models."gpt-5"]\ncache = { ttl = 5 }', "cache must be a table of automatic"),
        ('[models."gpt-5"]\ncache = { breakpoints = 0.5 }', "cache.breakpoints must be a whole"),
        ('[models."gpt-5"]\ncache = { automatic = 1 }', "cache.automatic must be true or false"),
        ('[models."gpt-5"]\nlike = 1', "like must be the name of a profile"),
        ('[models."gpt-5"]\nlike = "gpt-7"', "no profile named 'gpt-7'; there are: nano"),
        ('[models."gpt-5"]\ndetail = "best"', "no detail 'best'"),
        ('[models."gpt-5"]\nformula = "claude"', "formula 'claude' needs native_side_px"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(file: Path, text: str, told: str) -> None:
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(PageError, match=told):
        profile_for("gpt-5")


def test_an_unknown_model_needs_a_way_of_counting(file: Path) -> None:
    file.write_text('[models."mystery*"]\nmax_images = 3\n')
    with pytest.raises(PageError, match=r"mystery\*.*add like or formula"):
        profile_for("mystery-9")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("page_px = [1000, 1000]", "width_px must be a multiple"),
        ("page_px = [0, 896]", "width_px must be a multiple"),
        ("page_px = [-896, 896]", "width_px must be a multiple"),
        ("page_px = [448, 99968]", "height_px must be a multiple"),
        ("page_px = [224, 224]\npreset = 'grid-dense'", None),
        ("preset = 'grdi'", "no preset named 'grdi'; there are: grid"),
        ("patch_px = 9000", "width_px must be a multiple"),
        ("detail = 'best'", "gpt-5 has no detail 'best'"),
        ("prices = { text = inf }", "prices.text must be a number from 0, not inf"),
        ("prices = { text = 1, image = -1 }", "prices.image must be a number from 0, not -1"),
        ("prices = { text = 1, cached = inf }", "prices.cached must be a number from 0, not inf"),
        ("cache = { write_multiplier = inf }", "write_multiplier must be a number from 0, not inf"),
        ("multiplier = -inf", "multiplier must be a number from 0, not -inf"),
        ("max_images = inf", "max_images must be a whole number from 1, not inf"),
    ],
)
def test_what_cannot_be_is_told_with_file_and_table(
    file: Path, line: str, told: str | None
) -> None:
    file.write_text(f'[models."gpt-5"]\n{line}\n')
    if told is None:
        assert style_for(profile_for("gpt-5")).width_px == 224
        return
    with pytest.raises(PageError, match=told) as error:
        style_for(profile_for("gpt-5"))
    assert str(error.value).startswith(f'{file}, models."gpt-5": ')
    assert "\n" not in str(error.value)
