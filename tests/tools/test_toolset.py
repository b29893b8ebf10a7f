"""What an agent gets from each tool, and what it is told when it asks for the wrong thing."""

from __future__ import annotations

import threading
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from glyphagent.errors import GlyphError, PageError, PluginError, SourceError
from glyphagent.session import Session
from glyphagent.tools.tool_calls import OVERVIEW_CHARACTERS, REGION_LINES, SEARCH_HITS
from glyphagent.tools.toolset import TOOLS, Toolset, open_session

NAMES = [
    "glyph_overview",
    "glyph_read_page",
    "glyph_read_region",
    "glyph_search",
    "glyph_ask",
    "glyph_estimate",
    "glyph_dependencies",
    "glyph_impact",
    "glyph_path_between",
    "glyph_changes_since",
]


@pytest.fixture(scope="module")
def toolset(session: Session) -> Toolset:
    return Toolset(session)


def test_the_tools_have_the_names_that_were_promised(toolset: Toolset) -> None:
    assert [tool.name for tool in toolset.tools] == NAMES
    assert {tool.name: list(tool.arguments.model_fields) for tool in TOOLS} == {
        "glyph_overview": [],
        "glyph_read_page": ["page"],
        "glyph_read_region": ["path", "start", "end"],
        "glyph_search": ["query"],
        "glyph_ask": ["question"],
        "glyph_estimate": ["model"],
        "glyph_dependencies": ["path", "direction", "hops"],
        "glyph_impact": ["path", "symbol"],
        "glyph_path_between": ["source", "target"],
        "glyph_changes_since": ["revision"],
    }


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("glyph_overview", {}),
        ("glyph_read_page", {"page": 0}),
        ("glyph_read_region", {"path": "app/prices.py", "start": 1, "end": 2}),
        ("glyph_search", {"query": "limit"}),
        ("glyph_ask", {"question": "what is the value of LIMIT?"}),
        ("glyph_estimate", {}),
        ("glyph_dependencies", {"path": "app/rates.py"}),
        ("glyph_impact", {"path": "app/rates.py"}),
        ("glyph_path_between", {"source": "app/prices.py", "target": "app/rates.py"}),
        ("glyph_changes_since", {}),
    ],
)
def test_every_result_carries_the_revision(
    toolset: Toolset, session: Session, name: str, values: dict[str, object]
) -> None:
    result = toolset.run(name, values)
    assert result.artifact["revision"] == session.revision
    assert session.revision in result.text


def test_a_page_comes_as_a_png_with_what_it_shows(toolset: Toolset, session: Session) -> None:
    for page in range(len(session.pages)):
        result = toolset.run("glyph_read_page", {"page": page})
        (png,) = result.images
        picture = Image.open(BytesIO(png))
        assert picture.format == "PNG"
        assert picture.size == (session.pages[page].width_px, session.pages[page].height_px)
        assert png == session.page_png(page)
        for part in session.page_locations(page):
            assert f"{part.path}:{part.line_start}-{part.line_end}" in result.text
        assert "glyph_read_region" in result.text


def test_a_page_that_is_not_there(toolset: Toolset, session: Session) -> None:
    last = len(session.pages) - 1
    with pytest.raises(PageError, match=f"pages are 0 to {last}"):
        toolset.run("glyph_read_page", {"page": last + 1})


def test_a_region_is_exact(toolset: Toolset, shop: Path) -> None:
    result = toolset.run("glyph_read_region", {"path": "app/prices.py", "start": 5, "end": 8})
    lines = (shop / "app/prices.py").read_text().splitlines(keepends=True)
    assert result.artifact["text"] == "".join(lines[4:8])
    assert result.artifact["truncated"] is False
    assert result.text.endswith("".join(lines[4:8]))


def test_a_long_region_is_cut_and_says_how_to_go_on(toolset: Toolset, shop: Path) -> None:
    path = "lib/long.py"
    text = (shop / path).read_text()
    start, pieces = 1, []
    while start <= 1000:
        result = toolset.run("glyph_read_region", {"path": path, "start": start, "end": 1000})
        pieces.append(result.artifact["text"])
        start = result.artifact["line_end"] + 1
        if result.artifact["truncated"]:
            assert f'glyph_read_region("{path}", {start}, 1000)' in result.text
    assert "".join(pieces) == text
    assert len(pieces) == -(-1000 // REGION_LINES)


@pytest.mark.parametrize(
    ("path", "start", "end", "advice"),
    [
        ("app/price.py", 1, 2, "did you mean app/prices.py"),
        ("prices.py", 1, 2, "did you mean app/prices.py"),
        ("/etc/passwd", 1, 2, "glyph_overview"),
        ("../shop/app/prices.py", 1, 2, "app/prices.py"),
        ("picture.bin", 1, 2, "was left out: binary"),
        ("app/prices.py", 500, 600, "has 10 lines"),
        ("app/prices.py", 5, 4, "end comes before start"),
    ],
)
def test_a_region_that_is_not_there(
    toolset: Toolset, path: str, start: int, end: int, advice: str
) -> None:
    with pytest.raises(SourceError, match=advice.replace("/", "[/]")):
        toolset.run("glyph_read_region", {"path": path, "start": start, "end": end})


def test_search_is_bounded_and_says_so(toolset: Toolset) -> None:
    one = toolset.run("glyph_search", {"query": "value_77 "})
    assert [hit["path"] for hit in one.artifact["hits"]] == ["lib/long.py"]
    assert one.artifact["hits"][0]["line_start"] == 78
    assert one.artifact["truncated"] is False
    many = toolset.run("glyph_search", {"query": "VALUE"})
    assert len(many.artifact["hits"]) == SEARCH_HITS
    assert "there are more" in many.text
    none = toolset.run("glyph_search", {"query": "zebra"})
    assert none.artifact["hits"] == []
    assert none.text.startswith("not found")


def test_ask_tells_the_state_of_every_citation(toolset: Toolset) -> None:
    result = toolset.run("glyph_ask", {"question": "what is the value of LIMIT?"})
    assert result.artifact["found"] is True
    assert "250" in result.artifact["answer"]
    assert result.artifact["citations"][0]["path"] == "app/prices.py"
    assert "app/prices.py:5" in result.text
    assert "verified" in result.text
    missing = toolset.run("glyph_ask", {"question": "where is zebra_crossing defined?"})
    assert missing.artifact["found"] is False
    assert "not found" in missing.text.lower()


def test_an_overview_is_bounded(tmp_path: Path) -> None:
    for number in range(600):
        (tmp_path / f"a_rather_long_name_for_a_module_{number:04d}.py").write_text("x = 1\n")
    result = Toolset(Session.open(tmp_path)).run("glyph_overview", {})
    assert len(result.text) < OVERVIEW_CHARACTERS + 200
    assert result.artifact["truncated"] is True
    assert "more lines" in result.text


@pytest.mark.parametrize(
    ("name", "values", "word"),
    [
        ("glyph_read_page", {"page": -1}, "page"),
        ("glyph_read_page", {"page": "two"}, "page"),
        ("glyph_read_page", {}, "page"),
        ("glyph_search", {"query": ""}, "query"),
        ("glyph_overview", {"deep": True}, "deep"),
        ("glyph_read_region", {"path": "a", "start": 0, "end": 1}, "start"),
    ],
)
def test_wrong_arguments_are_named(
    toolset: Toolset, name: str, values: dict[str, object], word: str
) -> None:
    with pytest.raises(GlyphError, match=word) as caught:
        toolset.run(name, values)
    assert "\n" not in str(caught.value)
    assert "pydantic" not in str(caught.value)


def test_an_unknown_tool(toolset: Toolset) -> None:
    with pytest.raises(PluginError, match="glyph_overview"):
        toolset.run("glyph_delete", {})


def test_threads_take_turns(toolset: Toolset) -> None:
    """As when an agent calls several tools at once."""
    texts: list[str] = []

    def call(line: int) -> None:
        values = {"path": "lib/long.py", "start": line, "end": line}
        texts.append(toolset.run("glyph_read_region", values).artifact["text"])

    threads = [threading.Thread(target=call, args=(line,)) for line in range(1, 21)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(texts) == sorted(f"value_{n} = {n}\n" for n in range(20))


def test_an_estimate_is_for_the_model_that_is_named(toolset: Toolset) -> None:
    own = toolset.run("glyph_estimate", {})
    assert own.artifact["model"] == "nano"
    other = toolset.run("glyph_estimate", {"model": "claude-sonnet-4-5"})
    assert "for claude-sonnet-4-5" in other.text
    assert other.artifact["visual_tokens"] > 0
    unknown = toolset.run("glyph_estimate", {"model": "no-such-model"})
    assert "how this model counts images is not known: send text" in unknown.text
    assert "times fewer" not in unknown.text
    for each in (own, other, unknown):
        assert all(f"Warning: {w}" in each.text for w in each.artifact["warnings"])
    assert unknown.artifact["warnings"]


def test_an_agent_is_told_of_tools_and_not_of_a_command_line(toolset: Toolset) -> None:
    for question in ("why is the limit applied to a total?", "xyzzy plugh?"):
        result = toolset.run("glyph_ask", {"question": question})
        assert "glyph_read_region" in result.text
        assert "--" not in result.text
        assert "--backend" not in result.artifact["answer"]


def test_an_unknown_option_is_refused_with_those_there_are(shop: Path) -> None:
    with pytest.raises(GlyphError, match=r"no option presett; there are: .*preset"):
        open_session(shop, {"presett": "grid"})
