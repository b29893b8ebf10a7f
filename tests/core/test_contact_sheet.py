from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.contact_sheet import contact_sheet, write_contact_sheet
from glyphagent.document import Document, Location, Skipped
from glyphagent.errors import PageError
from glyphagent.manifest import AtlasEntry, Manifest, PageEntry
from glyphagent.page import Page, SourceMap
from glyphagent.profiles import profile_for
from glyphagent.store import write_page_set
from glyphagent.style import PRESETS

VOID = {"meta", "img", "br", "link"}
HOSTILE = "<script>alert('\"1\"')</script>&amp;\u202efdp.exe\n\x00\udcff.py"


class Sheet(HTMLParser):
    """Reads a sheet as a strict reader would: every tag closed, in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    style = PRESETS["grid"].with_changes(width_px=168, height_px=56)
    documents = [Document(f"pkg/{n}.py", f"value = {n}") for n in range(3)]
    codes = np.zeros((style.rows, style.columns), np.uint16)
    pages = [
        Page(
            codes + n,
            np.ones(codes.shape, np.uint8),
            style.atlas,
            style.palette,
            style.layout,
            SourceMap(documents, np.array([[0, 9, n, 0, 9, 1]], np.int32)),
        )
        for n in range(3)
    ]
    return write_page_set(
        tmp_path,
        pages,
        documents=documents,
        skipped=[Skipped("logo.png", "binary"), Skipped("big.sql", "too large: 200 MB")],
        style=style,
        revision="abc123",
        source="demo/project",
        text_tokens=1260,
        profile=profile_for("nano"),
    )


def test_every_page_is_shown_with_its_places(manifest: Manifest, tmp_path: Path) -> None:
    path = write_contact_sheet(tmp_path, manifest)
    assert path == tmp_path / "index.html"
    sheet = Sheet(path.read_text(encoding="utf-8"))
    images = sheet.all("img")
    assert [image["src"] for image in images] == [page.file for page in manifest.pages]
    assert all((tmp_path / str(image["src"])).is_file() for image in images)
    assert {image["loading"] for image in images} == {"lazy"}
    assert [(image["width"], image["height"]) for image in images] == [("168", "56")] * 3
    text = " ".join(sheet.text)
    assert all(f"pkg/{n}.py:1" in text for n in range(3))


def test_the_head_and_what_was_left_out(manifest: Manifest) -> None:
    text = " ".join(Sheet(contact_sheet(manifest)).text)
    for shown in ("demo/project", "1,260", "o200k_base", "36", "35.00", "abc123", "nano"):
        assert shown in text
    assert "2 paths left out" in text
    assert "logo.png binary" in text
    assert "big.sql too large: 200 MB" in text


def test_nothing_is_loaded_from_elsewhere(manifest: Manifest) -> None:
    sheet = Sheet(contact_sheet(manifest))
    names = {tag for tag, _ in sheet.tags}
    assert not names & {"script", "link", "iframe", "object", "embed", "form", "base"}
    for _, attributes in sheet.tags:
        assert not [name for name in attributes if name.startswith("on")]
    links = [attributes["href"] for attributes in sheet.all("a")]
    assert all(str(link).startswith("#") for link in links)
    ids = {attributes.get("id") for _, attributes in sheet.tags}
    assert {str(link)[1:] for link in links} <= ids
    policy = next(m["content"] for m in sheet.all("meta") if "http-equiv" in m)
    assert str(policy).startswith("default-src 'none';")
    assert "http:" not in str(policy)
    assert "url(" not in contact_sheet(manifest)


def hostile(manifest: Manifest, text: str) -> Manifest:
    page = manifest.pages[0]
    return replace(
        manifest,
        source=text,
        revision=text,
        skipped=(Skipped(text, text),),
        pages=(
            PageEntry(
                page.file,
                page.digest,
                page.size_bytes,
                page.width_px,
                page.height_px,
                page.visual_tokens,
                (Location(text, 1, 1),),
                page.spans,
            ),
        ),
    )


def test_hostile_names_are_text_and_nothing_else(manifest: Manifest, tmp_path: Path) -> None:
    written = write_contact_sheet(tmp_path, hostile(manifest, HOSTILE))
    html = written.read_text(encoding="utf-8")
    sheet = Sheet(html)
    assert not sheet.all("script")
    spelled = HOSTILE
    for unseen in "\u202e\n\x00\udcff":
        assert unseen not in html.replace("\n", "")
        spelled = spelled.replace(unseen, f"\\u{{{ord(unseen):x}}}")
    assert sheet.text.count(spelled) == 4  # title, heading, skipped path and reason
    assert f"{spelled}:1" in sheet.text


@given(text=st.text(max_size=40))
@settings(max_examples=50)
def test_any_name_keeps_the_structure(text: str) -> None:
    plain = Sheet(contact_sheet(hostile(EXAMPLE, "name")))
    odd = Sheet(contact_sheet(hostile(EXAMPLE, text)))
    assert odd.tags == plain.tags


EXAMPLE = Manifest(
    pages=(PageEntry("page-0001-01234567.png", "", 1, 28, 28, 1, (), np.zeros((0, 6), np.int32)),),
    documents=(),
    skipped=(),
    style=PRESETS["grid"],
    atlas=AtlasEntry("", "", "", ""),
    renderer_version=1,
    package_version="0",
    revision="",
    source="",
    profile="unknown",
    text_tokens=0,
    tokenizer="o200k_base",
)


def test_an_empty_set_has_a_sheet() -> None:
    sheet = Sheet(contact_sheet(replace(EXAMPLE, pages=(), source="")))
    assert "page set" in sheet.text
    assert not sheet.all("details")


def test_a_foreign_index_stays(manifest: Manifest, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<h1>my site</h1>")
    path = write_contact_sheet(tmp_path, manifest)
    assert path.name == "pages.html"
    assert (tmp_path / "index.html").read_text() == "<h1>my site</h1>"
    assert write_contact_sheet(tmp_path, manifest) == path


def test_our_own_index_is_replaced(manifest: Manifest, tmp_path: Path) -> None:
    first = write_contact_sheet(tmp_path, manifest)
    second = write_contact_sheet(tmp_path, replace(manifest, source="renamed"))
    assert first == second
    assert "renamed" in second.read_text(encoding="utf-8")


def test_a_link_in_place_of_the_index_is_not_followed(manifest: Manifest, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.html"
    target.write_text(contact_sheet(manifest), encoding="utf-8")
    (tmp_path / "index.html").symlink_to(target)
    before = target.read_bytes()
    assert write_contact_sheet(tmp_path, replace(manifest, source="x")).name == "pages.html"
    assert target.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_one_clear_line(manifest: Manifest) -> None:
    with pytest.raises(PageError, match=r"cannot write /dev/null/x/index\.html"):
        write_contact_sheet(Path("/dev/null/x"), manifest)
