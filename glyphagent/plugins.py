"""What plugins must offer, and how one is found by name.

Plugins are entry points: groups `glyphagent.renderers`, `.backends`, `.ingesters`, `.analyzers`
and `.commands`. Our own wings come through the same door as a third party's. Listing imports
nothing; loading imports the one that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from glyphagent.errors import PluginError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from glyphagent.document import Document
    from glyphagent.page import Page
    from glyphagent.style import Style

    Image = npt.NDArray[np.uint8]
    """RGB pixels, uint8 [height, width, 3]."""

KINDS = ("renderers", "backends", "ingesters", "analyzers", "commands")


def __getattr__(name: str) -> object:
    # Commands find their plugins here, and numpy takes longer to import than most of them take.
    if name == "Image":
        import numpy as np
        import numpy.typing as npt

        return npt.NDArray[np.uint8]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class Renderer(Protocol):
    """Turns documents into pages."""

    def render(self, documents: Sequence[Document], style: Style) -> Iterator[Page]:
        """Yield the pages of these documents, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a streamed answer; the last one carries the usage.

    Attributes:
        text: Text since the last chunk.
        prompt_tokens: Tokens of prompt and images, on the last chunk.
        completion_tokens: Tokens generated, on the last chunk.
    """

    text: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Context(Protocol):
    """Pages held by a model, ready for questions."""

    def stream(self, prompt: str, max_tokens: int) -> Iterator[Chunk]:
        """Yield the answer as it is made; closing the iterator cancels."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker said in a conversation, before another did.

    Attributes:
        role: `system`, `user` or `assistant`.
        parts: Texts, and numbers of held images, from 0, where they stand among these.
    """

    role: Literal["system", "user", "assistant"]
    parts: tuple[str | int, ...]


@runtime_checkable
class Dialogue(Protocol):
    """A context that can also take a conversation turn by turn, as its model was trained to."""

    def stream_turns(self, turns: Sequence[Turn], max_tokens: int) -> Iterator[Chunk]:
        """Yield the next turn of the assistant as it is made; closing the iterator cancels."""
        ...


class Backend(Protocol):
    """A vision-language model that takes pages."""

    name: str
    model: str

    def prefill(self, images: Sequence[Page | Image]) -> Context:
        """Hold these pages, in order, for any number of questions.

        Raises:
            BackendError: If the model cannot take them.
        """
        ...


@dataclass(frozen=True, eq=False)
class PageText:
    """What a reader saw on a page.

    Attributes:
        codes: Glyph code of each cell, in the atlas `atlas`.
        confidence: Probability that the reader gives its choice, per cell.
        atlas: Name of the atlas whose cells the page is divided into.

    Shapes:
        codes: uint16 [rows, columns].
        confidence: float32 [rows, columns].
    """

    codes: npt.NDArray[np.uint16]
    confidence: npt.NDArray[np.float32]
    atlas: str


@runtime_checkable
class Reader(Protocol):
    """A backend that can also read pages back to text, from pixels alone."""

    def read(self, images: Sequence[Image]) -> Sequence[PageText]:
        """Read each image.

        Raises:
            BackendError: If an image is not one that this reader can read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Plugin:
    """An installed plugin, not imported yet."""

    kind: str
    name: str
    target: str
    distribution: str


def installed(kind: str) -> list[Plugin]:
    """Plugins of a kind, sorted by name; imports none of them."""
    return [
        Plugin(kind, point.name, point.value, point.dist.name if point.dist else "")
        for point in sorted(_points(kind), key=lambda point: (point.name, point.value))
    ]


def load(kind: str, name: str) -> Any:
    """Object that the plugin `name` of this kind names, imported now.

    Raises:
        PluginError: If there is none, if two distributions claim the name, or if it does not
            import; the message says which.
    """
    found = [point for point in _points(kind) if point.name == name]
    if not found:
        names = ", ".join(sorted({point.name for point in _points(kind)})) or "none"
        raise PluginError(f"no {kind.removesuffix('s')} named {name!r}; installed: {names}")
    if len({point.value for point in found}) > 1:
        owners = ", ".join(sorted(point.dist.name if point.dist else "?" for point in found))
        raise PluginError(f"{kind.removesuffix('s')} {name!r} is claimed by several: {owners}")
    try:
        return found[0].load()
    except (Exception, SystemExit) as error:  # a module may raise anything at import
        raise PluginError(
            f"{kind.removesuffix('s')} {name!r} ({found[0].value}) cannot be loaded: "
            f"{type(error).__name__}: {error}"
        ) from error


def _points(kind: str) -> list[EntryPoint]:
    if kind not in KINDS:
        raise PluginError(f"no kind of plugin named {kind!r}; there are: {', '.join(KINDS)}")
    return list(entry_points(group=f"glyphagent.{kind}"))
