from __future__ import annotations

import numpy as np
import pytest

from glyphagent.document import Document
from glyphagent.plugins import load
from glyphagent.renderers.highlight import Highlighter
from glyphagent.renderers.syntax import CodeRenderer
from glyphagent.style import LAYOUTS, Ink, preset

DOCUMENTS = [
    Document("z.py", "def z(): pass\n"),
    Document("pkg/b.py", "import a\n"),
    Document("a.txt", "plain words\n"),
    Document("pkg/a.go", "package a\n"),
]


def renderer() -> CodeRenderer:
    return CodeRenderer(Highlighter(workers=0))


def test_the_plugin_code_is_this_renderer() -> None:
    assert load("renderers", "code") is CodeRenderer


@pytest.mark.parametrize("layout", LAYOUTS)
def test_documents_are_ordered_by_folder_and_name(layout: str) -> None:
    pages = list(renderer().render(DOCUMENTS, preset("grid").with_changes(layout=layout)))
    paths = [place.path for page in pages for place in page.source_map.locations()]
    assert paths == ["a.txt", "z.py", "pkg/a.go", "pkg/b.py"]
    assert {page.layout for page in pages} == {layout}


def test_it_says_what_coloured_each_document() -> None:
    one = renderer()
    pages = list(one.render(DOCUMENTS, preset("grid")))
    assert one.lexers == {
        "a.txt": "pygments:Text only",
        "pkg/a.go": "pygments:Go",
        "pkg/b.py": "tree-sitter:python",
        "z.py": "tree-sitter:python",
    }
    assert one.seconds_highlighting > 0
    assert Ink.KEYWORD in np.concatenate([page.inks.reshape(-1) for page in pages])


def test_without_highlighting_text_has_one_ink() -> None:
    one = renderer()
    style = preset("grid").with_changes(highlight=False)
    (first, *_) = one.render(DOCUMENTS, style)
    assert set(one.lexers.values()) == {"plain: highlighting is off"}
    assert set(first.inks.reshape(-1).tolist()) <= {Ink.PAPER, Ink.TEXT, Ink.MARK, Ink.HEADER}


def test_progress_counts_documents() -> None:
    counts: list[int] = []
    list(renderer().render(DOCUMENTS, preset("grid"), counts.append))
    assert counts == [1, 2, 3, 4]


def test_nothing_gives_no_page() -> None:
    assert list(renderer().render([], preset("grid"))) == []
