"""Drawings: what is drawn again is what changed, and the result is that of a fresh drawing."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.blobs import BlobStore
from glyphagent.document import Document
from glyphagent.drawing import Drawing
from glyphagent.page import Page, recover
from glyphagent.planning import Plan, first_plan, next_plan
from glyphagent.renderers.highlight import Highlighter
from glyphagent.renderers.syntax import CodeRenderer
from glyphagent.style import Style, preset

SMALL = preset("grid").with_changes(width_px=168, height_px=112)
State = dict[str, Document]


def renderer() -> CodeRenderer:
    return CodeRenderer(Highlighter(workers=0))


def state(texts: Mapping[str, str]) -> State:
    return {path: Document(path, text) for path, text in texts.items()}


def facts(pages: Sequence[Page]) -> list[object]:
    """Everything that makes pages equal byte for byte, source maps included."""
    return [
        (
            page.codes.tobytes(),
            page.inks.tobytes(),
            (page.codes.shape, str(page.codes.dtype), str(page.inks.dtype)),
            (page.atlas, page.palette, page.layout, page.digest),
            [(id(document), document.path) for document in page.source_map.documents],
            (page.source_map.spans.tolist(), str(page.source_map.spans.dtype)),
        )
        for page in pages
    ]


def fresh(plan: Plan, now: State, style: Style = SMALL) -> list[object]:
    return facts(Drawing(renderer()).draw(plan, now, style))


def module(name: str, lines: int, seed: int = 0) -> str:
    """Python with something to colour in every line."""
    dice = random.Random(f"{name} {seed}")
    return "".join(f"def {name}_{n}(): return {dice.randrange(10**6)}\n" for n in range(lines))


@pytest.mark.parametrize("layout", ["flow", "lines"])
def test_the_first_drawing_is_what_the_renderer_gives(layout: str) -> None:
    now = state({"b.py": module("b", 30), "a.py": "", "p/c.py": module("c", 9), "p/d": "x"})
    style = SMALL.with_changes(layout=layout)
    drawing = Drawing(renderer())
    done: list[int] = []
    pages = drawing.draw(first_plan(now.values()), now, style, done.append)
    wanted = list(renderer().render(list(now.values()), style, keep_order=True))
    assert facts(pages) == facts(wanted)
    assert recover(pages) == {path: document.text for path, document in now.items()}
    assert (drawing.pages_drawn, drawing.documents_drawn) == (len(pages), 4)
    assert (drawing.pages_kept, drawing.pages_stored) == (0, 0)
    assert drawing.lexers["p/c.py"].startswith("tree-sitter")
    assert done == sorted(done)
    assert done[-1] == 4


def test_nothing_is_drawn_where_nothing_changed() -> None:
    now = state({"a.py": module("a", 40), "b.py": module("b", 40)})
    plan, drawing = first_plan(now.values()), Drawing(renderer())
    pages = drawing.draw(plan, now, SMALL)
    again = drawing.draw(plan, now, SMALL)
    assert all(one is other for one, other in zip(pages, again, strict=True))
    assert (drawing.pages_kept, drawing.pages_drawn, drawing.documents_drawn) == (len(pages), 0, 0)
    copies = state({path: document.text for path, document in now.items()})
    third = drawing.draw(plan, copies, SMALL)
    assert facts(third) == fresh(plan, copies)
    assert (drawing.pages_kept, drawing.pages_drawn, drawing.documents_drawn) == (len(pages), 0, 0)


@pytest.mark.parametrize("where", [0, 150, 299])
def test_one_line_in_a_long_document_draws_few_pages(where: int) -> None:
    lines = module("a", 300).splitlines(keepends=True)
    now = state({"a.py": "".join(lines), "b.py": module("b", 20)})
    plan, drawing = first_plan(now.values()), Drawing(renderer())
    drawing.draw(plan, now, SMALL)
    lines.insert(where, "# one more\n")
    now |= state({"a.py": "".join(lines)})
    pages = drawing.draw(plan, now, SMALL)
    assert facts(pages) == fresh(plan, now)
    assert drawing.documents_drawn == 1
    assert len(pages) > 60
    assert drawing.pages_drawn <= 6
    assert drawing.pages_kept == len(pages) - drawing.pages_drawn


def test_two_edits_far_apart_in_a_folder_leave_what_lies_between() -> None:
    now = state({f"p/{n:03}.py": module(f"m{n}", 3 + n % 5) for n in range(200)})
    plan, drawing = first_plan(now.values()), Drawing(renderer())
    drawing.draw(plan, now, SMALL)
    for name in ("p/020.py", "p/180.py"):
        now |= state({name: now[name].text + "x = 1\n"})
    pages = drawing.draw(plan, now, SMALL)
    assert facts(pages) == fresh(plan, now)
    assert drawing.documents_drawn == 2
    assert drawing.pages_drawn <= 12 < len(pages) / 5


def test_a_renamed_document_keeps_its_pages_and_is_named_by_its_new_path() -> None:
    now = state({"p/a.py": module("a", 30), "p/b.py": module("b", 30)})
    plan, drawing = first_plan(now.values()), Drawing(renderer())
    before = [page.digest for page in drawing.draw(plan, now, SMALL)]
    moved = state({"n/a.py": now["p/a.py"].text, "n/c.py": now["p/b.py"].text})
    plan = next_plan(plan, now, list(moved.values()))
    pages = drawing.draw(plan, moved, SMALL)
    assert [page.digest for page in pages] == before
    assert drawing.pages_drawn == drawing.documents_drawn == 0
    assert set(recover(pages)) == {"n/a.py", "n/c.py"}
    assert facts(pages) == fresh(plan, moved)
    moved["n/c.py"] = Document("n/c.py", module("c", 10) + moved["n/c.py"].text)
    assert facts(drawing.draw(plan, moved, SMALL)) == fresh(plan, moved)
    assert drawing.documents_drawn == 1


def test_another_style_is_drawn_anew_with_the_inks_at_hand() -> None:
    now = state({"a.py": module("a", 40)})
    plan, drawing = first_plan(now.values()), Drawing(renderer())
    drawing.draw(plan, now, SMALL)
    dark = SMALL.with_changes(theme="dark", layout="lines")
    assert facts(drawing.draw(plan, now, dark)) == fresh(plan, now, dark)
    assert drawing.documents_drawn == drawing.pages_kept == 0
    plain = dark.with_changes(highlight=False)
    assert facts(drawing.draw(plan, now, plain)) == fresh(plan, now, plain)
    assert drawing.lexers["a.py"] == "plain: highlighting is off"


class Whole:
    """A renderer of somebody else, which knows no steps: a page a document."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def render(self, documents: Sequence[Document], style: Style) -> Iterator[Page]:
        self.asked += [document.path for document in documents]
        for document in documents:
            yield from renderer().render([document], style)


def test_any_other_renderer_draws_the_runs_that_changed() -> None:
    now = state({"a.py": module("a", 3), "p/b.py": module("b", 3)})
    plan, whole = first_plan(now.values()), Whole()
    drawing = Drawing(whole)
    drawing.draw(plan, now, SMALL)
    now = state({"a.py": now["a.py"].text, "p/b.py": "x = 1\n"})
    pages = drawing.draw(plan, now, SMALL)
    assert facts(pages) == facts(Drawing(Whole()).draw(plan, now, SMALL))
    assert whole.asked == ["a.py", "p/b.py", "p/b.py"]
    assert (drawing.pages_kept, drawing.pages_drawn) == (1, 1)


class Failing(Whole):
    def render(self, documents: Sequence[Document], style: Style) -> Iterator[Page]:
        if any(document.text == "fail" for document in documents):
            raise RuntimeError("as asked")
        return super().render(documents, style)


def test_a_drawing_that_fails_leaves_the_memory_as_it_was() -> None:
    now = state({"a.py": module("a", 3)})
    plan, drawing = first_plan(now.values()), Drawing(Failing())
    pages = drawing.draw(plan, now, SMALL)
    with pytest.raises(RuntimeError, match="as asked"):
        drawing.draw(plan, state({"a.py": "fail"}), SMALL)
    assert drawing.draw(plan, now, SMALL)[0] is pages[0]


LINES = (
    "x = 1\n",
    "\tif x:\n",
    "        return 'a'\n",
    "'''\n",
    "# é 日本 \x07\n",
    "\n",
    "z" * 200,
)
documents = st.lists(st.sampled_from(LINES), max_size=60).map("".join)
names = st.sampled_from([f"{folder}{name}" for folder in ("", "p/", "q/") for name in "abc"])
layouts = st.sampled_from(["flow", "lines"])


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(names, documents, min_size=1, max_size=6),
    st.lists(
        st.tuples(st.sampled_from(["edit", "remove", "add", "move"]), st.randoms(), documents),
        max_size=6,
    ),
    layouts,
    st.booleans(),
)
def test_a_refresh_is_a_fresh_drawing(
    tmp_path_factory: pytest.TempPathFactory,
    texts: dict[str, str],
    changes: list[tuple[str, random.Random, str]],
    layout: str,
    stored: bool,
) -> None:
    style = SMALL.with_changes(layout=layout)
    texts = {f"{path}.py": text for path, text in texts.items()}
    store = BlobStore(tmp_path_factory.mktemp("store")) if stored else None
    now = state(texts)
    plan, drawing = first_plan(now.values()), Drawing(renderer(), store)
    assert facts(drawing.draw(plan, now, style)) == fresh(plan, now, style)
    for kind, dice, text in changes:
        texts = dict(texts)
        path = dice.choice(sorted(texts)) if texts else ""
        if kind == "edit" and path:
            lines = texts[path].splitlines(keepends=True)
            at = dice.randrange(len(lines) + 1)
            lines[at : at + dice.randrange(3)] = text.splitlines(keepends=True)[:2]
            texts[path] = "".join(lines)
        elif kind == "remove" and path:
            del texts[path]
        elif kind == "move" and path:
            texts = {
                f"n/{p}" if p.split("/")[0] == path.split("/")[0] else p: t
                for p, t in texts.items()
            }
        else:
            texts[dice.choice(["", "p/", "r/"]) + dice.choice("def") + ".py"] = text
        before, now = (
            now,
            {
                path: now[path] if path in now and now[path].text == text else Document(path, text)
                for path, text in texts.items()
            },
        )
        plan = next_plan(plan, before, list(now.values()))
        pages = drawing.draw(plan, now, style)
        assert facts(pages) == fresh(plan, now, style)
        assert len(pages) == drawing.pages_drawn + drawing.pages_kept + drawing.pages_stored
        if stored:
            other = Drawing(renderer(), store)
            assert facts(other.draw(plan, now, style)) == fresh(plan, now, style)
            assert (other.pages_drawn, other.documents_drawn) == (0, 0)


@pytest.mark.parametrize("layout", ["flow", "lines"])
def test_a_document_cut_off_at_a_break_or_grown_up_to_one_shares_pages_as_a_fresh_one(
    layout: str,
) -> None:
    """A place within a document is not its start: only at a start can others share the page."""
    style = preset("grid").with_changes(layout=layout)
    tried = 0
    for lines in range(170, 420):
        whole = module("whole", lines)
        long = state({"a.py": whole, "b.py": "short = 1\n"})
        plan = first_plan(long.values())
        places = [
            page.source_map.locations()[0] for page in renderer().render([long["a.py"]], style)
        ]
        start = long["a.py"].line_starts[places[-1].line_start - 1]
        if not 0 < len(whole) - start < 1000:  # what is left is short, and shares its page
            continue
        tried += 1
        cut = {**long, "a.py": Document("a.py", whole[start:])}
        for before, after in ((long, cut), (cut, long)):
            drawing = Drawing(renderer())
            drawing.draw(plan, before, style)
            assert facts(drawing.draw(plan, after, style)) == fresh(plan, after, style)
    assert tried
