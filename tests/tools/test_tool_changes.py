"""`glyph_changes_since` on a folder that changes, and tools while it does."""

from __future__ import annotations

from pathlib import Path

import pytest

from glyphagent.errors import SourceError
from glyphagent.session import Session
from glyphagent.tools.toolset import Toolset


def test_an_agent_learns_what_it_must_read_again(folder: Path) -> None:
    toolset = Toolset(Session.open(folder))
    seen = toolset.run("glyph_overview", {}).artifact["revision"]
    path = sorted(folder.rglob("*.py"))[0]
    name = path.relative_to(folder).as_posix()
    path.write_text(path.read_text() + "# one more line\n")
    (folder / "zoo").mkdir()
    (folder / "zoo/new.py").write_text("NEW = 1\n")
    assert "nothing changed" in toolset.run("glyph_changes_since", {"revision": seen}).text
    toolset.session.refresh()
    result = toolset.run("glyph_changes_since", {"revision": seen})
    assert f"changed {name}" in result.text
    assert "added zoo/new.py" in result.text
    assert "out of date" in result.text
    assert result.artifact["since"] == seen
    assert result.artifact["revision"] == toolset.session.revision
    assert result.artifact["added"] == ["zoo/new.py"]
    pages = result.artifact["new_pages"]
    shown = {
        part["path"]
        for page in pages
        for part in toolset.run("glyph_read_page", {"page": page}).artifact["parts"]
    }
    assert {name, "zoo/new.py"} <= shown
    assert result.text.endswith(f"revision {toolset.session.revision}")


def test_a_rename_is_told_beside_the_image(folder: Path) -> None:
    toolset = Toolset(Session.open(folder))
    path = max(folder.rglob("*.py"), key=lambda each: each.stat().st_size)
    old = path.relative_to(folder).as_posix()
    path.rename(path.with_name("renamed.py"))
    new = path.with_name("renamed.py").relative_to(folder).as_posix()
    toolset.session.refresh()
    told = toolset.run("glyph_changes_since", {}).text
    assert f"renamed {old} -> {new}" in told
    page = toolset.session.search(path.with_name("renamed.py").read_text().split("\n")[0])[0].page
    assert page is not None
    assert f"{new}:" in (text := toolset.run("glyph_read_page", {"page": page}).text)
    assert f"(the image still says {old})" in text


def test_an_unknown_revision_is_an_error_that_helps(folder: Path) -> None:
    toolset = Toolset(Session.open(folder))
    with pytest.raises(SourceError, match="no state 'main'"):
        toolset.run("glyph_changes_since", {"revision": "main"})
