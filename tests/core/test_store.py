from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glyphagent import blobs, store
from glyphagent.document import Document, Location, Skipped
from glyphagent.errors import PageError, SourceError
from glyphagent.manifest import Manifest
from glyphagent.page import Page, SourceMap
from glyphagent.profiles import profile_for
from glyphagent.raster import decode_png, png_bytes, rgb_pixels
from glyphagent.store import read_manifest, read_page_image, read_page_png, write_page_set
from glyphagent.style import PRESETS

STYLE = PRESETS["grid"].with_changes(width_px=168, height_px=56)
NANO = profile_for("nano")


def page_of(text: str, documents: Sequence[Document], number: int = 0) -> Page:
    """A page whose cells show the start of a one-line document."""
    codes = np.zeros((STYLE.rows, STYLE.columns), np.uint16)
    codes.flat[: len(text)] = [STYLE.glyphs.code_of[c] for c in text]
    inks = np.ones(codes.shape, np.uint8)
    spans = np.array([[0, len(text), number, 0, len(text), 1]], np.int32)
    return Page(codes, inks, STYLE.atlas, STYLE.palette, STYLE.layout, SourceMap(documents, spans))


def page_set(*texts: str) -> tuple[list[Document], list[Page]]:
    documents = [Document(f"src/{n}.py", text) for n, text in enumerate(texts)]
    return documents, [page_of(text, documents, n) for n, text in enumerate(texts)]


def write(folder: Path, *texts: str, **options: Any) -> Manifest:
    documents, pages = page_set(*texts)
    return write_page_set(
        folder,
        options.pop("pages", iter(pages)),
        documents=documents,
        style=STYLE,
        revision="r1",
        source="demo",
        text_tokens=77,
        profile=NANO,
        **options,
    )


def files(folder: Path) -> dict[str, bytes]:
    return {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.is_file()}


def test_a_page_set_comes_back_as_it_was_written(tmp_path: Path) -> None:
    documents, pages = page_set("alpha = 1", "beta = 2")
    skipped = [Skipped("a\udcff.bin", "binary"), Skipped("b", "too large")]
    written = write_page_set(
        tmp_path / "new" / "out",
        iter(pages),
        documents=documents,
        skipped=skipped,
        style=STYLE,
        revision="abc123",
        source="../demo",
        text_tokens=8,
        profile=NANO,
    )
    manifest = read_manifest(tmp_path / "new" / "out")
    assert manifest.to_json() == written.to_json()
    assert [page.digest for page in manifest.pages] == [page.digest for page in pages]
    assert [page.parts for page in manifest.pages] == [
        (Location("src/0.py", 1, 1),),
        (Location("src/1.py", 1, 1),),
    ]
    for entry, page in zip(manifest.pages, pages, strict=True):
        assert np.array_equal(entry.spans, page.source_map.spans)
        image = read_page_image(tmp_path / "new" / "out", entry)
        assert np.array_equal(image, rgb_pixels(page))
        assert entry.size_bytes == len(read_page_png(tmp_path / "new" / "out", entry))
    assert [entry.digest for entry in manifest.documents] == [d.digest for d in documents]
    assert manifest.skipped == tuple(skipped)
    assert manifest.style == STYLE
    assert manifest.atlas.digest == STYLE.glyphs.digest
    assert (manifest.source, manifest.revision) == ("../demo", "abc123")
    assert manifest.visual_tokens == 2 * 6 * 2
    assert (manifest.text_tokens, manifest.tokenizer) == (8, "o200k_base")


def test_pages_are_named_by_number_and_content(tmp_path: Path) -> None:
    manifest = write(tmp_path, "one", "two")
    _, pages = page_set("one", "two")
    assert [page.file for page in manifest.pages] == [
        f"page-000{n}-{page.digest[:8]}.png" for n, page in enumerate(pages)
    ]
    assert set(files(tmp_path)) == {"manifest.json", *(page.file for page in manifest.pages)}


def test_files_are_readable_as_the_umask_says(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        manifest = write(tmp_path, "x")
    finally:
        os.umask(old)
    for name in ("manifest.json", manifest.pages[0].file):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o640


def test_only_what_changed_is_written_and_what_is_stale_goes(tmp_path: Path) -> None:
    first = write(tmp_path, "one", "two", "three")
    before = {name: (tmp_path / name).stat().st_ino for name in files(tmp_path)}
    second = write(tmp_path, "one", "TWO", "three")
    after = {name: (tmp_path / name).stat().st_ino for name in files(tmp_path)}
    assert after[first.pages[0].file] == before[first.pages[0].file]
    assert after[first.pages[2].file] == before[first.pages[2].file]
    assert first.pages[1].file not in after
    assert set(after) == {"manifest.json", *(page.file for page in second.pages)}
    write(tmp_path, "one")
    assert set(files(tmp_path)) == {"manifest.json", first.pages[0].file}


def test_a_page_file_that_was_damaged_is_written_again(tmp_path: Path) -> None:
    entry = write(tmp_path, "one").pages[0]
    (tmp_path / entry.file).write_bytes(b"short")
    write(tmp_path, "one")
    assert read_page_image(tmp_path, entry).shape == (56, 168, 3)


def test_a_page_file_that_became_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    out = tmp_path / "out"
    entry = write(out, "one").pages[0]
    (out / entry.file).unlink()
    (out / entry.file).symlink_to(victim)
    with pytest.raises(PageError, match="cannot read"):
        read_page_png(out, entry)
    write(out, "one")
    assert victim.read_bytes() == b"precious"
    assert not (out / entry.file).is_symlink()


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    foreign = {
        "notes.txt": b"mine",
        "page-0001-00000000.png": b"not in any manifest of ours",
        ".0123456789abcdef.tmp": b"someone's",
        "page-0001-extra.png": b"mine too",
    }
    for name, data in foreign.items():
        (tmp_path / name).write_bytes(data)
    write(tmp_path, "one", "two")
    write(tmp_path, "three")
    assert foreign.items() <= files(tmp_path).items()


@pytest.mark.parametrize("text", ['{"name": "my web app"}', "", "[]", "{", '{"format": 1}'])
def test_a_foreign_manifest_stops_us_before_anything_is_written(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(PageError, match="not a usable manifest"):
        write(tmp_path, "one")
    assert files(tmp_path) == {"manifest.json": text.encode()}


def broken(kind: type[BaseException]) -> Iterator[Page]:
    _, pages = page_set("new one", "new two")
    yield from pages
    raise kind("no more")


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SourceError, ValueError, MemoryError])
@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupted_set_leaves_the_old_one(
    tmp_path: Path, kind: type[BaseException], workers: int
) -> None:
    write(tmp_path, "one", "two")
    before = files(tmp_path)
    with pytest.raises(kind, match="no more"):
        write(tmp_path, "new one", "new two", pages=broken(kind), workers=workers)
    assert files(tmp_path) == before


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interruption_between_pages_leaves_the_old_set(tmp_path: Path, workers: int) -> None:
    write(tmp_path, "one", "two")
    before = files(tmp_path)

    def interrupt(done: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, *"abcdefgh", on_page=interrupt, workers=workers)
    assert files(tmp_path) == before
    write(tmp_path, "again")


def full_disk_after(count: int) -> Callable[..., None]:
    """`write_atomic` on a disk that has room for `count` files."""
    lock, done = threading.Lock(), [0]

    def write_atomic(path: Path, data: bytes, *, durable: bool = False) -> None:
        with lock:
            done[0] += 1
            if done[0] > count:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        blobs.write_atomic(path, data, durable=durable)

    return write_atomic


@pytest.mark.parametrize("room", [0, 1, 3])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk_leaves_the_old_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int, workers: int
) -> None:
    write(tmp_path, "one", "two")
    before = files(tmp_path)
    monkeypatch.setattr(store, "write_atomic", full_disk_after(room))
    with pytest.raises(PageError, match="No space left"):
        write(tmp_path, "new", "pages", "three", workers=workers)
    assert files(tmp_path) == before


def test_a_device_that_is_really_full_is_one_clear_line() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with pytest.raises(PageError, match="cannot write pages to /dev/full"):
        write(Path("/dev/full"), "one")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_write_permission_is_one_clear_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(PageError, match="Permission denied"):
            write(tmp_path, "one")
    finally:
        tmp_path.chmod(0o700)


def test_a_file_in_place_of_the_folder_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(PageError, match="cannot write pages"):
        write(tmp_path / "out", "one")


def test_two_writers_do_not_meet_in_one_folder(tmp_path: Path) -> None:
    _, pages = page_set("one")

    def second_writer_tries() -> Iterator[Page]:
        with pytest.raises(PageError, match="another process is writing"):
            write(tmp_path, "two")
        yield from pages

    write(tmp_path, "one", pages=second_writer_tries())
    assert len(read_manifest(tmp_path).pages) == 1


def test_the_files_are_the_same_with_any_number_of_threads(tmp_path: Path) -> None:
    texts = [f"line {n}" for n in range(23)]
    seen: list[int] = []
    write(tmp_path / "one", *texts, on_page=seen.append)
    for workers in (2, 5):
        write(tmp_path / "many", *texts, workers=workers)
        assert files(tmp_path / "one") == files(tmp_path / "many")
    assert seen == list(range(1, 24))


@pytest.mark.parametrize("workers", [1, 3])
def test_pages_are_taken_a_few_at_a_time(tmp_path: Path, workers: int) -> None:
    documents, pages = page_set(*(f"line {n}" for n in range(60)))
    taken, ahead = [0], []

    def counted() -> Iterator[Page]:
        for page in pages:
            taken[0] += 1
            yield page

    write_page_set(
        tmp_path,
        counted(),
        documents=documents,
        style=STYLE,
        revision="",
        source="",
        text_tokens=0,
        profile=NANO,
        on_page=lambda done: ahead.append(taken[0] - done),
        workers=workers,
    )
    assert max(ahead) <= 2 * workers + 1


def test_only_changed_pages_are_encoded(tmp_path: Path) -> None:
    encoded: list[str] = []

    def encode(page: Page) -> bytes:
        encoded.append(page.digest)
        return png_bytes(page)

    write(tmp_path, "one", "two", encode=encode)
    _, pages = page_set("one", "changed")
    assert len(encoded) == 2
    write(tmp_path, "one", "changed", encode=encode)
    assert encoded[2:] == [pages[1].digest]


def test_documents_are_numbered_once_for_all_pages(tmp_path: Path) -> None:
    documents = [Document(name, "text") for name in ("a", "b", "c")]
    pages = [page_of("text", [documents[2], documents[0]], 1), page_of("text", documents[2:])]
    manifest = write_page_set(
        tmp_path,
        pages,
        documents=documents,
        style=STYLE,
        revision="",
        source="",
        text_tokens=0,
        profile=NANO,
    )
    assert [page.spans[0, 2] for page in manifest.pages] == [0, 2]
    assert [str(page.parts[0]) for page in read_manifest(tmp_path).pages] == ["a:1", "c:1"]


def test_a_page_of_a_foreign_document_is_refused(tmp_path: Path) -> None:
    stranger = page_of("text", [Document("elsewhere.py", "text")])
    with pytest.raises(PageError, match=r"elsewhere\.py"):
        write(tmp_path, "one", pages=[stranger])
    assert files(tmp_path) == {}


def test_two_documents_of_one_path_are_refused(tmp_path: Path) -> None:
    documents = [Document("a", "x"), Document("a", "y")]
    with pytest.raises(PageError, match="same path"):
        write_page_set(
            tmp_path,
            [],
            documents=documents,
            style=STYLE,
            revision="",
            source="",
            text_tokens=0,
            profile=NANO,
        )


def test_an_empty_set_is_a_set(tmp_path: Path) -> None:
    manifest = write(tmp_path)
    assert read_manifest(tmp_path).pages == manifest.pages == ()


def test_missing_and_unreadable_sets_are_named(tmp_path: Path) -> None:
    with pytest.raises(PageError, match="no page set in"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.json").mkdir()
    with pytest.raises(PageError, match=r"not a plain file|cannot read"):
        read_manifest(tmp_path)


def test_a_pipe_in_place_of_a_file_does_not_hold_us(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "manifest.json")
    with pytest.raises(PageError, match="not a plain file"):
        read_manifest(tmp_path)


def test_a_picture_of_another_size_is_noticed(tmp_path: Path) -> None:
    entry = write(tmp_path, "one").pages[0]
    smaller = PRESETS["grid"].with_changes(width_px=140, height_px=28)
    codes = np.zeros((smaller.rows, smaller.columns), np.uint16)
    page = Page(
        codes,
        codes.astype(np.uint8),
        smaller.atlas,
        smaller.palette,
        "flow",
        SourceMap((), np.zeros((0, 6), np.int32)),
    )
    (tmp_path / entry.file).write_bytes(png_bytes(page))
    assert decode_png(tmp_path / entry.file).shape == (28, 140, 3)
    with pytest.raises(PageError, match="the manifest says 168x56"):
        read_page_image(tmp_path, entry)


def test_a_folder_that_we_made_is_kept_out_of_git(tmp_path: Path) -> None:
    write(tmp_path / "made", "one")
    assert (tmp_path / "made" / ".gitignore").read_text() == "*\n"
    (tmp_path / "made" / ".gitignore").unlink()
    write(tmp_path / "made", "two")
    write(tmp_path, "one")  # theirs
    assert not [*tmp_path.rglob(".gitignore")]
    with pytest.raises(SourceError):
        write(tmp_path / "failed", "a", "b", pages=broken(SourceError))
    assert files(tmp_path / "failed") == {}
