from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.document import Location, Skipped
from glyphagent.errors import PageError
from glyphagent.manifest import AtlasEntry, DocumentEntry, Manifest, PageEntry, page_file_name
from glyphagent.style import PRESETS

STYLE = PRESETS["grid"]
DIGEST = "0123456789abcdef" * 2


def example() -> Manifest:
    spans = [[3, 9, 0, 0, 6, 1], [9, 10, 0, 6, 7, 1], [12, 20, 1, 4, 12, 2]]
    return Manifest(
        pages=(
            PageEntry(
                file=page_file_name(1, DIGEST),
                digest=DIGEST,
                size_bytes=500,
                width_px=588,
                height_px=840,
                visual_tokens=630,
                parts=(Location("a.py", 1, 1), Location("b\udc80.py", 2, 2)),
                spans=np.array(spans, np.int32),
            ),
        ),
        documents=(
            DocumentEntry("a.py", DIGEST, "utf-8", b"", 1),
            DocumentEntry("b\udc80.py", DIGEST, "utf-16-le", b"\xff\xfe", 3),
        ),
        skipped=(Skipped("c.bin", "binary"),),
        style=STYLE,
        atlas=AtlasEntry("fixed-7x14", DIGEST, "font", "public domain"),
        renderer_version=1,
        package_version="0.1.0",
        revision="r",
        source="<here> & there",
        profile="nano",
        text_tokens=1260,
        tokenizer="o200k_base",
    )


def test_json_gives_back_every_field() -> None:
    manifest = example()
    again = Manifest.from_json(manifest.to_json())
    assert again.documents == manifest.documents
    assert again.skipped == manifest.skipped
    assert again.style == manifest.style
    assert again.atlas == manifest.atlas
    assert again.pages[0].parts == manifest.pages[0].parts
    assert np.array_equal(again.pages[0].spans, manifest.pages[0].spans)
    assert again.pages[0].spans.dtype == np.int32
    assert again.to_json() == manifest.to_json()


def test_the_file_is_plain_json_for_others_to_read() -> None:
    text = example().to_json()
    assert text.isascii()
    top = json.loads(text)
    assert top["visual_tokens"] == 630
    assert top["pages"][0]["parts"] == [["a.py", 1, 1], ["b\udc80.py", 2, 2]]
    assert top["documents"][1]["bom"] == "fffe"


Path = tuple[str | int, ...]


def changed(path: Path, value: Any) -> str:
    top = json.loads(example().to_json())
    place = top
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return json.dumps(top)


PAGE: Path = ("pages", 0)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("format",), "other", "not a manifest"),
        (("version",), 2, "version 2"),
        (("style",), {"atlas": "no-such"}, "no-such"),
        (("style",), {"width_px": "588"}, "style"),
        (("style",), {"surprise": 1}, "surprise"),
        (("style",), None, "style"),
        (("text_tokens",), -1, "text_tokens"),
        (("text_tokens",), True, "text_tokens"),
        (("text_tokens",), 10**40, "text_tokens"),
        (("documents",), {}, "documents"),
        (("documents", 0), [], "bom"),
        (("documents", 0, "path"), "b\udc80.py", "same path"),
        (("documents", 0, "digest"), "xyz", "digest"),
        (("documents", 0, "bom"), "f", "bom"),
        (("documents", 0, "lines"), 0, "lines"),
        (("skipped", 0), "c.bin", "path"),
        ((*PAGE, "file"), "../../etc/passwd", "file"),
        ((*PAGE, "file"), "/etc/passwd", "file"),
        ((*PAGE, "file"), "page-0001-01234567.png/../x", "file"),
        ((*PAGE, "file"), "page-0001-01234567.png\n", "file"),
        ((*PAGE, "file"), "manifest.json", "file"),
        ((*PAGE, "file"), "page-\u0660\u0660\u0660\u0661-01234567.png", "file"),
        ((*PAGE, "width"), 0, "width"),
        ((*PAGE, "width"), 588.0, "width"),
        ((*PAGE, "parts"), [["a.py", 1]], "parts"),
        ((*PAGE, "parts"), [["a.py", 1, 2]], "parts"),
        ((*PAGE, "parts"), [["zzz", 1, 1]], "parts"),
        ((*PAGE, "parts"), [[["a"], 1, 1]], "parts"),
        ((*PAGE, "spans"), [1, 2, 3], "spans"),
        ((*PAGE, "spans"), [0, 1, 0, 0, 1, "1"], "spans"),
        ((*PAGE, "spans"), [0, 1, 0, 0, 1, 1.0], "spans"),
        ((*PAGE, "spans"), [0, 1, 0, 0, 1, 2**80], "spans"),
        ((*PAGE, "spans"), [0, 1, 2, 0, 1, 1], "not listed"),
        ((*PAGE, "spans"), [0, 1, -1, 0, 1, 1], "out of range"),
        ((*PAGE, "spans"), [0, 9999, 0, 0, 1, 1], "beyond"),
        ((*PAGE, "spans"), [0, 5, 0, 0, 1, 1, -3, 5, 0, 0, 1, 0], "order"),
        ((*PAGE, "spans"), [5, -3, 0, 0, 1, 1], "order"),
        ((*PAGE, "spans"), [0, 1, 0, 5, -1, 1], "ends before"),
        ((*PAGE, "spans"), [0, 1, 0, 0, 1, 2], "does not have"),
        ((*PAGE, "spans"), [0, 1, 0, 0, 1, 0], "does not have"),
        ((*PAGE, "spans"), [2**31 - 1, 1, 0, 0, 1, 1], "out of range"),
        (("pages",), [json.loads(example().to_json())["pages"][0]] * 2, "same file"),
    ],
)
def test_what_cannot_be_is_refused(path: Path, value: Any, said: str) -> None:
    with pytest.raises(PageError, match=said):
        Manifest.from_json(changed(path, value))


@pytest.mark.parametrize(
    "text", ["", "{", "null", "[" * 100_000, '{"a":' * 50_000, b"\xff\xfe\x00", "9" * 10_000]
)
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(PageError):
        Manifest.from_json(text)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)


def paths(value: Any) -> list[Path]:
    if isinstance(value, dict | list):
        keys = value if isinstance(value, dict) else range(len(value))
        return [(key, *rest) for key in keys for rest in [(), *paths(value[key])]]
    return []


@given(path=st.sampled_from(paths(json.loads(example().to_json()))), value=JSON)
@settings(max_examples=300)
def test_any_change_of_one_value_is_read_or_refused(path: Path, value: Any) -> None:
    try:
        manifest = Manifest.from_json(changed(path, value))
    except PageError:
        return
    assert "/" not in manifest.pages[0].file if manifest.pages else True
    assert Manifest.from_json(manifest.to_json()).to_json() == manifest.to_json()


def test_names_of_pages_sort_like_the_pages() -> None:
    names = [page_file_name(number, DIGEST) for number in (1, 2, 10, 999, 9999)]
    assert names == sorted(names)
    assert names[0] == "page-0001-01234567.png"


def missing(path: Path) -> str:
    top = json.loads(example().to_json())
    place = top
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    return json.dumps(top)


@pytest.mark.parametrize("make", [missing])
@pytest.mark.parametrize(
    "path",
    [
        path
        for path in paths(json.loads(example().to_json()))
        if isinstance(path[-1], str) and path[0] != "style" and path != ("visual_tokens",)
    ],
    ids=lambda path: ".".join(map(str, path)),
)
def test_every_field_is_needed(make: Callable[[Path], str], path: Path) -> None:
    with pytest.raises(PageError):
        Manifest.from_json(make(path))
