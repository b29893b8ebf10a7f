from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from glyphagent import plugins
from glyphagent.errors import PluginError
from glyphagent.plugins import KINDS, PageText, Reader, installed, load


@pytest.fixture
def third_party(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A distribution as an installer leaves it, with a good plugin and some that are broken."""
    info = tmp_path / "third_party_pages-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: third-party-pages\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[glyphagent.renderers]\n"
        "thirds = third_party_pages:Thirds\n"
        "gone = third_party_pages.gone:Gone\n"
        "nameless = third_party_pages:Nameless\n"
        "leaving = third_party_leaving:Leaving\n"
        "[glyphagent.backends]\n"
        "local = third_party_pages:Thirds\n"
    )
    (tmp_path / "third_party_pages.py").write_text("class Thirds:\n    pass\n")
    (tmp_path / "third_party_leaving.py").write_text("raise SystemExit('leaving')\n")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_a_third_partys_plugin_is_found_and_loaded(third_party: Path) -> None:
    found = {plugin.name: plugin for plugin in installed("renderers")}
    assert found["thirds"].distribution == "third-party-pages"
    assert found["thirds"].target == "third_party_pages:Thirds"
    assert found["code"].distribution == "glyphagent"
    assert load("renderers", "thirds").__name__ == "Thirds"


def test_plugins_are_sorted_by_name(third_party: Path) -> None:
    names = [plugin.name for plugin in installed("renderers")]
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("gone", "ModuleNotFoundError"),
        ("nameless", "AttributeError"),
        ("leaving", "SystemExit: leaving"),
    ],
)
def test_a_plugin_that_does_not_import_says_which_and_why(
    third_party: Path, name: str, reason: str
) -> None:
    with pytest.raises(PluginError, match=f"renderer '{name}' .*cannot be loaded: {reason}"):
        load("renderers", name)


def test_a_name_that_two_claim_is_refused_by_both_names(third_party: Path) -> None:
    with pytest.raises(PluginError, match="claimed by several: glyphagent, third-party-pages"):
        load("backends", "local")


def test_an_unknown_name_lists_what_is_installed() -> None:
    with pytest.raises(PluginError, match="no renderer named 'cod'; installed: code"):
        load("renderers", "cod")


def test_an_unknown_kind_lists_the_kinds() -> None:
    with pytest.raises(PluginError, match=f"there are: {', '.join(KINDS)}"):
        installed("renderer")


def test_listing_imports_nothing() -> None:
    program = (
        "import sys; from glyphagent.plugins import KINDS, installed; "
        "found = [p for kind in KINDS for p in installed(kind)]; "
        "assert found; targets = {p.target.partition(':')[0] for p in found}; "
        "sys.exit(str(targets & set(sys.modules)) if targets & set(sys.modules) else 0)"
    )
    subprocess.run([sys.executable, "-P", "-c", program], check=True, timeout=60)


def test_what_reads_is_a_reader() -> None:
    class Reads:
        def read(self, images: list[plugins.Image]) -> list[PageText]:
            return []

    assert isinstance(Reads(), Reader)
    assert not isinstance(object(), Reader)
