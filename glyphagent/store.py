"""Page sets on disk: PNG files beside a `manifest.json` that is replaced last.

A page set is valid at every moment: new pages come under new names, then the manifest changes in
one step, then the pages that only the old manifest named go. Whatever else lies in the folder
stays as it is.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from glyphagent import __version__
from glyphagent.blobs import write_atomic
from glyphagent.document import Document, Skipped
from glyphagent.errors import PageError
from glyphagent.manifest import AtlasEntry, Manifest, PageEntry, document_entry, page_file_name
from glyphagent.page import Page
from glyphagent.profiles import Profile, visual_tokens
from glyphagent.raster import MAX_IMAGE_BYTES, decode_png, png_bytes
from glyphagent.spans import page_spans
from glyphagent.style import RENDERER_VERSION, Style
from glyphagent.tokens import TOKENIZER

__all__ = [
    "MANIFEST",
    "Manifest",
    "PageEntry",
    "read_manifest",
    "read_page_image",
    "read_page_png",
    "write_page_set",
]

MANIFEST = "manifest.json"
_IGNORE = ".gitignore"
_MAX_MANIFEST_BYTES = 1 << 30


def write_page_set(
    folder: Path,
    pages: Iterable[Page],
    *,
    documents: Sequence[Document],
    skipped: Sequence[Skipped] = (),
    style: Style,
    revision: str,
    source: str,
    text_tokens: int,
    profile: Profile,
    on_page: Callable[[int], None] | None = None,
    workers: int = 1,
    encode: Callable[[Page], bytes] = png_bytes,
    drawn_as: Mapping[str, str] | None = None,
) -> Manifest:
    """Write these pages into `folder` and give their manifest.

    Pages are taken one after the other, so memory holds a few of them and the spans of all. A
    page that the folder's old set already has under the same number is not written again. If
    anything goes wrong, the old set stands as it was and nothing of the new one is left.

    Args:
        folder: Made if it is not there, and then left out of any git work tree that it lies in.
        pages: The pages, in reading order.
        documents: All documents that the pages show.
        skipped: What was left out, and why.
        style: Style of the pages.
        revision: State of the source.
        source: Name of the source, as the user gave it.
        text_tokens: Tokens of the documents as text, under `tokens.TOKENIZER`.
        profile: Model profile that visual tokens are counted for.
        on_page: Called with the number of pages done, after each.
        workers: Threads that encode; the files are the same with any number.
        encode: What makes a page's file; a caller that measures passes its own.
        drawn_as: Paths that headers show of documents that were renamed since, by present path.

    Raises:
        PageError: If the folder cannot be written, is being written by another process, or
            holds a `manifest.json` that is not ours.
    """
    numbers = {document.path: n for n, document in enumerate(documents)}
    if len(numbers) < len(documents):
        raise PageError("two documents of one page set have the same path")
    with _writing(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            folder.mkdir()
            made = True
        except FileExistsError:
            folder.mkdir(exist_ok=True)
            made = False
    with _locked(folder):
        old = read_manifest(folder) if os.path.lexists(folder / MANIFEST) else None
        writer = _Writer(folder, profile, numbers, old, encode)
        try:
            if made:
                writer.keep_out_of_git()
            entries = tuple(writer.write(pages, max(workers, 1), on_page))
            atlas = style.glyphs
            manifest = Manifest(
                pages=entries,
                documents=tuple(
                    document_entry(document, (drawn_as or {}).get(document.path, ""))
                    for document in documents
                ),
                skipped=tuple(skipped),
                style=style,
                atlas=AtlasEntry(atlas.name, atlas.digest, atlas.font, atlas.licence),
                renderer_version=RENDERER_VERSION,
                package_version=__version__,
                revision=revision,
                source=source,
                profile=profile.name,
                text_tokens=text_tokens,
                tokenizer=TOKENIZER,
            )
            with _writing(folder):
                write_atomic(folder / MANIFEST, manifest.to_json().encode("ascii"), durable=True)
        except BaseException:
            writer.undo()
            raise
        if old is not None:
            kept = {page.file for page in entries}
            for page in old.pages:
                if page.file not in kept:
                    with contextlib.suppress(OSError):
                        (folder / page.file).unlink()
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Manifest of the page set in `folder`.

    Raises:
        PageError: If there is none, or it is not one of ours, or says what cannot be.
    """
    path = folder / MANIFEST
    try:
        return Manifest.from_json(_read_regular(path, _MAX_MANIFEST_BYTES))
    except FileNotFoundError as error:
        raise PageError(f"no page set in {folder}: it has no {MANIFEST}") from error
    except OSError as error:
        raise PageError(f"cannot read {path}: {error.strerror or error}") from error
    except PageError as error:
        raise PageError(f"{path} is not a usable manifest: {error}") from error


def read_page_png(folder: Path, page: PageEntry) -> bytes:
    """Bytes of a page's PNG file, which must be a plain file in the folder itself.

    Raises:
        PageError: If it is missing, a link, or not a plain file.
    """
    path = folder / Path(page.file).name
    try:
        return _read_regular(path, MAX_IMAGE_BYTES)
    except OSError as error:
        raise PageError(f"cannot read {path}: {error.strerror or error}") from error


def read_page_image(folder: Path, page: PageEntry) -> npt.NDArray[np.uint8]:
    """Pixels of a page of a page set.

    Raises:
        PageError: If the file is missing or damaged, or has not the size that the manifest says.

    Shapes:
        returns: uint8 [height_px, width_px, 3].
    """
    pixels = decode_png(read_page_png(folder, page))
    if pixels.shape[:2] != (page.height_px, page.width_px):
        raise PageError(
            f"{folder / page.file} has {pixels.shape[1]}x{pixels.shape[0]} pixels; "
            f"the manifest says {page.width_px}x{page.height_px}"
        )
    return pixels


class _Writer:
    """Writes the pages of one set, and takes back what it wrote if the set does not come about."""

    def __init__(
        self,
        folder: Path,
        profile: Profile,
        numbers: dict[str, int],
        old: Manifest | None,
        encode: Callable[[Page], bytes],
    ) -> None:
        self._folder = folder
        self._profile = profile
        self._numbers = numbers
        self._old = {page.file: page for page in old.pages} if old else {}
        self._made: set[Path] = set()
        self._encode = encode

    def write(
        self, pages: Iterable[Page], workers: int, on_page: Callable[[int], None] | None
    ) -> Iterator[PageEntry]:
        """Yield an entry for each page once its file is there, in order."""
        # Closed before anyone undoes: no thread may still be writing then.
        with contextlib.closing(self._entries(pages, workers)) as entries:
            for done, entry in enumerate(entries, start=1):
                yield entry
                if on_page is not None:
                    on_page(done)

    def keep_out_of_git(self) -> None:
        """Leave the folder out of git: pages are made anew from the source at any time."""
        path = self._folder / _IGNORE
        self._made.add(path)
        with _writing(self._folder):
            write_atomic(path, b"*\n")

    def undo(self) -> None:
        """Remove the files of this run that the old set does not name."""
        for path in self._made:
            if path.name not in self._old:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _entries(self, pages: Iterable[Page], workers: int) -> Generator[PageEntry, None, None]:
        numbered = enumerate(pages)
        if workers == 1:
            for number, page in numbered:
                yield self._draw(number, page)
            return
        running: deque[Future[PageEntry]] = deque()
        with ThreadPoolExecutor(workers, thread_name_prefix="glyphagent-page") as pool:
            try:
                for number, page in numbered:
                    running.append(pool.submit(self._draw, number, page))
                    if len(running) > 2 * workers:
                        yield running.popleft().result()
                while running:
                    yield running.popleft().result()
            finally:
                for future in running:
                    future.cancel()

    def _draw(self, number: int, page: Page) -> PageEntry:
        file = page_file_name(number, page.digest)
        path = self._folder / file
        size = self._size_if_kept(path, page.digest)
        if size is None:
            data = self._encode(page)
            size = len(data)
            self._made.add(path)
            with _writing(self._folder):
                write_atomic(path, data)
        return PageEntry(
            file=file,
            digest=page.digest,
            size_bytes=size,
            width_px=page.width_px,
            height_px=page.height_px,
            visual_tokens=visual_tokens(self._profile, page.width_px, page.height_px),
            parts=tuple(page.source_map.locations()),
            spans=page_spans(page, self._numbers),
        )

    def _size_if_kept(self, path: Path, digest: str) -> int | None:
        entry = self._old.get(path.name)
        if entry is None or entry.digest != digest:
            return None
        try:
            facts = path.lstat()
        except OSError:
            return None
        whole = stat.S_ISREG(facts.st_mode) and facts.st_size == entry.size_bytes
        return entry.size_bytes if whole else None


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PageError(f"cannot write pages to {folder}: {error.strerror or error}") from error


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder against a second writer, without leaving a lock file."""
    with _writing(folder):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PageError(
                f"another process is writing pages to {folder}; choose another folder or wait"
            ) from error
        except OSError as error:
            # Some network file systems know no locks; one writer at a time works there too.
            if error.errno not in (errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL):
                raise PageError(f"cannot lock {folder}: {error.strerror or error}") from error
        yield
    finally:
        # A worker that is just being started has the handle too, for a moment: closing ours alone
        # would leave the lock to it.
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_UN)
        os.close(handle)


def _read_regular(path: Path, limit: int) -> bytes:
    # Without O_NONBLOCK a named pipe would hold us for ever.
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(handle, "rb") as stream:
        facts = os.fstat(stream.fileno())
        if not stat.S_ISREG(facts.st_mode):
            raise PageError(f"{path} is not a plain file")
        if facts.st_size > limit:
            raise PageError(f"{path} has more than {limit} bytes")
        return stream.read(limit)
