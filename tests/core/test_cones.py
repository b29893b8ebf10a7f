"""Packing a file with its neighbourhood into a token budget, through sessions on real folders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from glyphagent import asking
from glyphagent.cones import Wanted
from glyphagent.errors import BackendError, SourceError, StyleError
from glyphagent.page import Page, recover
from glyphagent.plugins import Chunk, Image
from glyphagent.session import Session
from glyphagent.store import read_manifest

BODY = "\n\n".join(f"def step_{n}(value):\n    return value + {n}" for n in range(60))


@dataclass
class Sent:
    """A backend that keeps the pages it was sent."""

    model: str = "zai-org/Glyph"
    name: str = "sent"
    pages: list[list[Page]] = field(default_factory=list)

    def prefill(self, images: Sequence[Page | Image]) -> Sent:
        self.pages.append([image for image in images if isinstance(image, Page)])
        return self

    def stream(self, prompt: str, max_tokens: int) -> Iterator[Chunk]:
        yield Chunk("See shop/prices.py:1.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A chain of imports: main uses cart uses prices uses rates; other stands apart."""
    root = tmp_path / "project"
    for path, text in {
        "shop/__init__.py": "",
        "shop/main.py": f"from shop.cart import total\n\n\ndef run():\n    total()\n\n\n{BODY}\n",
        "shop/cart.py": f"from shop.prices import gross\n\n\ndef total(): gross()\n\n\n{BODY}\n",
        "shop/prices.py": f"from shop.rates import RATE\n\n\ndef gross():\n    RATE\n\n\n{BODY}\n",
        "shop/rates.py": f"RATE = 0.19\n\n\n{BODY}\n",
        "shop/other.py": f"def alone():\n    pass\n\n\n{BODY}\n",
        "README.md": "# Shop\n",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def test_a_cone_is_what_a_file_uses_and_what_uses_it(folder: Path, tmp_path: Path) -> None:
    session = Session.open(folder, cone="shop/prices.py", hops=1)
    assert [d.path for d in session.documents] == [
        "shop/rates.py",
        "shop/prices.py",
        "shop/cart.py",
    ]
    assert {d.path for d in session.undrawn} == {
        *("README.md", "shop/__init__.py", "shop/main.py", "shop/other.py")
    }
    cone = session.cone
    assert cone is not None
    assert [(p.path, p.distance, p.direction) for p in cone.packed] == [
        ("shop/rates.py", 1, "uses"),
        ("shop/prices.py", 0, "itself"),
        ("shop/cart.py", 1, "used_by"),
    ]
    assert (cone.files, cone.hops, cone.left_out, cone.outside) == (("shop/prices.py",), 1, (), 4)
    assert recover(session.pages) == {d.path: d.text for d in session.documents}
    documents = session.pages[: len(session.pages) - session.map_pages]
    assert cone.tokens == sum(page.width_px * page.height_px // 784 for page in documents)
    assert session.map_pages == 1
    manifest = session.save(tmp_path / "out")
    assert read_manifest(tmp_path / "out").pages[-1].digest == manifest.pages[-1].digest
    assert manifest.pages[-1].parts == ()
    assert (tmp_path / "out/index.html").read_text().count("<li>dependency map</li>") == 1


def test_what_is_on_no_page_can_still_be_read_and_found(folder: Path) -> None:
    session = Session.open(folder, cone="main.py", hops=0)
    assert [d.path for d in session.documents] == ["shop/main.py"]
    assert session.read_region("README.md", 1, 1) == "# Shop\n"
    assert [(hit.location.path, hit.page) for hit in session.search("0.19")] == [
        ("shop/rates.py", None)
    ]
    text = session.overview()
    assert "1 documents of the cone of shop/main.py (0 hops)" in text
    assert "on no page, to be read as text: 6\n  README.md" in text


def test_the_map_follows_the_last_document_page_and_disturbs_none(folder: Path) -> None:
    plain = Session.open(folder)
    mapped = Session.open(folder, dependency_map=True)
    bare = Session.open(folder, cone="shop/prices.py", dependency_map=False)
    assert (plain.map_pages, mapped.map_pages, bare.map_pages) == (0, 1, 0)
    assert [p.digest for p in mapped.pages[:-1]] == [p.digest for p in plain.pages]
    assert mapped.page_locations(len(mapped.pages) - 1) == []


def test_a_budget_takes_the_nearest_first_and_tells_the_rest(folder: Path) -> None:
    whole = Session.open(folder, cone="shop/prices.py", dependency_map=False)
    assert whole.cone is not None
    assert whole.style.preset == "grid"
    tokens = {each.path: each.tokens for each in whole.cone.packed}
    budget = sum(tokens.values()) - 1
    dense = Session.open(folder, cone="shop/prices.py", budget=budget, dependency_map=False)
    assert dense.style.preset == "grid-dense"
    assert dense.cone is not None
    assert dense.cone.left_out == ()
    tight = Session.open(
        folder, cone="shop/prices.py", budget=budget, preset="grid", dependency_map=False
    )
    assert tight.cone is not None
    assert tight.cone.left_out
    assert tight.cone.tokens == tight.estimate().visual_tokens <= budget
    assert {each.path for each in tight.cone.left_out} <= {"shop/main.py", "shop/__init__.py"}
    mapped = Session.open(folder, cone="shop/prices.py", budget=budget)
    assert mapped.map_pages == 1
    assert mapped.estimate().visual_tokens <= budget


def test_a_budget_alone_keeps_what_matters_most(folder: Path) -> None:
    whole = Session.open(folder)
    session = Session.open(folder, budget=whole.estimate().visual_tokens // 4)
    assert session.cone is not None
    assert session.cone.files == ()
    assert session.estimate().visual_tokens <= whole.estimate().visual_tokens // 4
    assert "shop/rates.py" in {document.path for document in session.documents}
    assert len(session.cone.left_out) + len(session.documents) == 7


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"cone": "price.py"}, SourceError, "no file 'price.py'.*did you mean shop/prices.py"),
        ({"cone": "shop/prices.py", "hops": -1}, StyleError, "hops is a whole number from 0"),
        ({"budget": 0}, StyleError, "budget is a whole number from 1 on, not 0"),
        ({"cone": "rates.py", "budget": 1}, StyleError, "shop/rates.py takes .* tokens"),
        ({"cone": "README.md", "budget": 5}, StyleError, "README.md takes .* tokens"),
        ({"budget": 1}, StyleError, "takes .* tokens, more than the budget: give more"),
        ({"budget": 9, "model": "no-such-model"}, StyleError, "sees images is not known"),
    ],
)
def test_what_cannot_be_packed_is_told(
    folder: Path, options: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        Session.open(folder, **options)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_wanted_is_false_where_the_whole_source_is() -> None:
    assert not Wanted()
    assert Wanted(("a.py",))
    assert Wanted(budget=5)


def test_a_refresh_packs_anew_and_keeps_the_graph(folder: Path) -> None:
    session = Session.open(folder, cone="shop/prices.py", hops=1)
    before = session.graph.importers["shop/prices.py"]
    (folder / "shop/other.py").write_text("import shop.prices\n")
    (folder / "shop/rates.py").write_text("RATE = 0.21\n")
    changes = session.refresh()
    assert changes.changed == ("shop/other.py", "shop/rates.py")
    fresh = Session.open(folder, cone="shop/prices.py", hops=1)
    assert session.cone == fresh.cone
    assert [page.digest for page in session.pages] == [page.digest for page in fresh.pages]
    for one in ("nodes", "edges", "symbol_edges", "definitions", "unresolved", "revision"):
        assert getattr(session.graph, one) == getattr(fresh.graph, one)
    assert before == ("shop/cart.py",)
    assert session.graph.importers["shop/prices.py"] == (*before, "shop/other.py")


def test_a_question_sends_the_pages_of_what_it_names(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = Sent()
    session = Session.open(folder, backend=backend)
    everything = session.ask("What does gross do?", whole=True)
    assert everything.pages == tuple(range(len(session.pages)))
    assert len(backend.pages[-1]) == len(session.pages)
    budget = everything.visual_tokens // 2
    answer = session.ask("What does `gross` do?", budget=budget)
    shown = [part.path for page in backend.pages[-1] for part in page.source_map.locations()]
    assert backend.pages[-1] == [session.pages[number] for number in answer.pages]
    assert "shop/prices.py" in shown
    assert answer.visual_tokens <= budget
    assert any("pages were sent" in warning for warning in answer.warnings)
    monkeypatch.setattr(asking, "FEW_TOKENS", budget)
    assert 0 < len(session.ask("What does `alone` do?").pages) < len(session.pages)
    assert len(session.ask("Why is it slow?").pages) == len(session.pages)
    with pytest.raises(BackendError, match=r"the budget is 500 tokens .* name a file or"):
        session.ask("Why?", budget=500)


def test_a_model_that_takes_few_pages_gets_the_nearest(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    backend = Sent()
    session = Session.open(folder, backend=backend)
    profile = session.profile
    object.__setattr__(
        session._answerer,
        "profile",
        type(profile)(
            **{
                **{name: getattr(profile, name) for name in type(profile).__slots__},
                "max_images": 2,
            }
        ),
    )
    answer = session.ask("Who uses shop/rates.py?")
    assert len(answer.pages) == len(backend.pages[-1]) == 2
    with pytest.raises(BackendError, match="takes 2 images and there are"):
        session.ask("Why?")


def test_an_answer_about_a_part_says_so(folder: Path) -> None:
    answer = Session.open(folder, cone="shop/rates.py", hops=0).ask("What is RATE set to?")
    assert "0.19" in answer.text
    assert any("answered from a part of the source: 1 doc" in each for each in answer.warnings)
    assert answer.pages
