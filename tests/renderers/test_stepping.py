"""Layouts step by step: a page follows from what stands between its start and its reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.document import Document
from glyphagent.renderers.flow import FlowRun
from glyphagent.renderers.highlight import Highlighter
from glyphagent.renderers.lines import LinesRun
from glyphagent.renderers.syntax import CodeRenderer
from glyphagent.stepwise import Step, Stepwise
from glyphagent.style import Ink, preset

SMALL = preset("grid").with_changes(width_px=168, height_px=112)
LAYOUTS: dict[str, type[FlowRun | LinesRun]] = {"flow": FlowRun, "lines": LinesRun}
PIECES = ["x = 1\n", "\n", "    if a:\n", "\t\t", "\x07", "é", "word " * 30, "a", "\r\n", " " * 45]
texts = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


def run_of(layout: str, documents: Sequence[Document]) -> FlowRun | LinesRun:
    return LAYOUTS[layout](documents, _plain(documents), SMALL.with_changes(layout=layout))


def steps(layout: str, documents: Sequence[Document]) -> list[Step]:
    run, place = run_of(layout, documents), (0, 0)
    found = []
    while place[0] < len(documents):
        found.append(run.page_from(place))
        place = found[-1].stop
    return found


def drawn(step: Step) -> object:
    """Pixels and what they show."""
    source_map = step.page.source_map
    return step.page.digest, [d.path for d in source_map.documents], source_map.spans.tolist()


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
@settings(max_examples=60, deadline=None)
@given(st.lists(texts, min_size=1, max_size=5), texts, st.data())
def test_what_stands_beyond_its_reach_has_no_say_in_a_page(
    layout: str, contents: list[str], other: str, data: st.DataObject
) -> None:
    documents = [Document(f"{n}.py", text) for n, text in enumerate(contents)]
    for step in steps(layout, documents):
        number, offset = step.reach
        if number >= len(documents):
            assert number == len(documents)
            continue
        before = documents[number]
        changed = [
            *documents[:number],
            *([replace(before, text=before.text[:offset] + other)] if offset else []),
            *([Document("new.py", other)] if data.draw(st.booleans()) else []),
        ]
        if offset > len(before.text):  # its end had a say
            changed[number] = before
        if not offset and len(changed) == number:
            continue  # the end of the run has a say where nothing follows
        again = run_of(layout, changed).page_from(step.start)
        assert drawn(again) == drawn(step)
        assert (again.stop, again.free) == (step.stop, step.free)


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
@settings(max_examples=60, deadline=None)
@given(st.lists(texts, min_size=1, max_size=4), texts)
def test_what_stands_before_a_free_break_has_no_say_either(
    layout: str, contents: list[str], other: str
) -> None:
    documents = [Document(f"{n}.py", text) for n, text in enumerate(contents)]
    found = steps(layout, documents)
    for step, following in pairwise(found):
        number, offset = step.stop
        if not step.free:
            continue
        head = f"{other}\n" if offset else ""
        text = head + documents[number].text[offset:]
        changed = [Document(documents[number].path, text), *documents[number + 1 :]]
        again = run_of(layout, changed).page_from((0, len(head)))
        lines = documents[number].text[:offset].count("\n") - head.count("\n")
        moved = following.page.source_map.spans.copy()
        first = moved[:, 2] == 0
        moved[first, 3:5] -= offset - len(head)
        moved[first, 5] -= lines
        assert again.page.digest == following.page.digest
        assert again.page.source_map.spans.tolist() == moved.tolist()
        expected = following.stop[1] - (offset - len(head) if following.stop[0] == number else 0)
        assert again.stop == (following.stop[0] - number, expected)


def test_the_renderer_says_that_it_draws_step_by_step() -> None:
    renderer = CodeRenderer(Highlighter(workers=0))
    assert isinstance(renderer, Stepwise)
    assert renderer.identity.startswith("code ")
    assert "pygments" in renderer.identity


def test_long_documents_share_pages_with_none_and_short_ones_do() -> None:
    style = preset("grid")
    long = "value = 1\n" * (style.columns * style.rows // 50 + 1)
    contents = ("x\n", "y\n", long, "z\n", "w\n")
    documents = [Document(f"{n}.py", text) for n, text in enumerate(contents)]
    run, place, shown = FlowRun(documents, _plain(documents), style), (0, 0), []
    while place[0] < len(documents):
        step = run.page_from(place)
        shown.append([document.path for document in step.page.source_map.documents])
        place = step.stop
    assert shown == [["0.py", "1.py"], ["2.py"], ["3.py", "4.py"]]


def _plain(documents: Sequence[Document]) -> Callable[[int], npt.NDArray[np.uint8]]:
    return lambda number: np.full(len(documents[number].text), Ink.TEXT, np.uint8)
