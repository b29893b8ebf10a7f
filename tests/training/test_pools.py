from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from glyphagent import marks
from glyphagent.atlas import bundled_atlas
from glyphagent.training import pools
from glyphagent.training.corpus import Project
from glyphagent.training.tiles import ATLASES

TEXT = "def name_{0}(value):\n    return value + {0}\n"


@pytest.fixture
def _one_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = []
    for number in range(12):
        text = "".join(TEXT.format(number * 100 + n) for n in range(30))
        (tmp_path / f"m{number}.py").write_text(text, encoding="utf-8")
        paths.append(f"m{number}.py")
    made = Project("p", "1", "MIT", tmp_path, tuple(paths))
    monkeypatch.setattr(pools, "installed_projects", lambda: [made])


@pytest.mark.usefixtures("_one_project")
def test_pools_hold_real_pages_of_both_layouts_and_are_kept(tmp_path: Path) -> None:
    made = pools.prepare_pools(tmp_path / "run", characters=400_000)
    for name in ATLASES:
        code_of = bundled_atlas(name).code_of
        shown = set(np.unique(made.tiles[name].codes).tolist())
        assert code_of[marks.HEADER] in shown
        assert code_of[marks.INDENTS[4]] in shown  # flow
        assert code_of[marks.NUMBERS[1]] in shown
        assert made.tiles[name].inks.max() < 16
    kept = pools.prepare_pools(tmp_path / "run")
    assert kept.manifest == made.manifest
    for name in ATLASES:
        assert np.array_equal(kept.tiles[name].codes, made.tiles[name].codes)
        assert np.array_equal(kept.tiles[name].inks, made.tiles[name].inks)


@pytest.mark.usefixtures("_one_project")
def test_pools_of_another_renderer_are_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = pools.prepare_pools(tmp_path, characters=100_000)
    monkeypatch.setattr(pools, "RENDERER_VERSION", -1)
    again = pools.prepare_pools(tmp_path, characters=400_000)
    assert again.manifest["made_with"] != first.manifest["made_with"]
    assert again.manifest["characters"] > first.manifest["characters"]
