"""What can be seen of a source that is held as pages: documents, places, costs, exact text.

Every call looks at one snapshot alone, so what it gives belongs together whatever a refresh does
meanwhile.
"""

from __future__ import annotations

from glyphagent import outcomes
from glyphagent.cones import Cone
from glyphagent.costs import costs
from glyphagent.dependencies.graph import DependencyGraph
from glyphagent.document import Document, Location, Skipped
from glyphagent.outcomes import Estimate, Hit
from glyphagent.page import Page
from glyphagent.profiles import Prices, Profile, profile_for
from glyphagent.raster import png_bytes
from glyphagent.snapshot import Snapshot
from glyphagent.style import Style
from glyphagent.tokens import TOKENIZER, count_text_tokens


class View:
    """The newest snapshot of a source, as its users see it.

    Attributes:
        profile: Profile of the model that tokens are counted for.
    """

    profile: Profile
    _snapshot: Snapshot

    @property
    def model(self) -> str:
        """Name of that model; empty for the profile's own."""
        raise NotImplementedError

    @property
    def snapshot(self) -> Snapshot:
        """The newest state; it never changes."""
        return self._snapshot

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents on the pages, in page order."""
        return self._snapshot.made.documents

    @property
    def undrawn(self) -> tuple[Document, ...]:
        """Documents that were read and are on no page, by folder and name."""
        return self._snapshot.made.undrawn

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What was left out, and why."""
        return self._snapshot.made.skipped

    @property
    def revision(self) -> str:
        """State of the source."""
        return self._snapshot.revision

    @property
    def root(self) -> str:
        """Where the documents come from, for people."""
        return self._snapshot.made.root

    @property
    def pages(self) -> tuple[Page, ...]:
        """The pages, in order; those of the dependency map are the last ones."""
        return self._snapshot.pages

    @property
    def map_pages(self) -> int:
        """How many of the pages are the dependency map's."""
        return self._snapshot.map_pages

    @property
    def style(self) -> Style:
        """How the pages are drawn."""
        return self._snapshot.made.style

    @property
    def cone(self) -> Cone | None:
        """What was packed of the source; None if all of it was."""
        return self._snapshot.made.cone

    @property
    def lexers(self) -> dict[str, str]:
        """What coloured each document."""
        return self._snapshot.made.lexers

    @property
    def graph(self) -> DependencyGraph:
        """The dependency graph of all documents, analysed when first asked for, then kept up."""
        return self._snapshot.graph

    def read_region(self, path: str, line_start: int, line_end: int) -> str:
        """Exact text of lines `line_start` to `line_end` of a document, both included.

        Raises:
            SourceError: If the document or the lines do not exist.
        """
        return outcomes.exact(self._snapshot.by_path, path, line_start, line_end)

    def search(self, query: str, *, limit: int = 20) -> tuple[Hit, ...]:
        """Lines that hold `query`, letter case apart, in document order.

        Raises:
            SourceError: If the query is empty.
        """
        shown = self._snapshot
        documents = (*shown.made.documents, *shown.made.undrawn)
        return outcomes.search(query, documents, shown.places, limit)

    def page_png(self, page: int) -> bytes:
        """PNG file of a page, counted from 0.

        Raises:
            PageError: If there is no such page.
        """
        return png_bytes(outcomes.page_at(self.pages, page))

    def page_locations(self, page: int) -> list[Location]:
        """Which lines of which documents a page shows, in its order.

        Raises:
            PageError: If there is no such page.
        """
        return outcomes.page_at(self.pages, page).source_map.locations()

    def overview(self) -> str:
        """Folders and files with their lines and pages, and what was left out, as text."""
        shown = self._snapshot
        made, estimate = shown.made, self._estimate(shown, None, None)
        title = (
            f"{made.root}: {len(made.documents)} documents on {len(shown.pages)} pages, "
            f"{estimate.text_tokens:,} text tokens ({TOKENIZER}) in "
            f"{estimate.visual_tokens:,} visual tokens, revision {shown.revision}"
        )
        if made.cone is not None:
            title += f"\n{made.cone.told}"
        if shown.map_pages:
            title += f"\ndependency map: from page {len(shown.pages) - shown.map_pages} on"
        return outcomes.overview(title, made.documents, made.skipped, shown.places, made.undrawn)

    def estimate(self, model: str | None = None, *, prices: Prices | None = None) -> Estimate:
        """What the source costs as text and as these pages, by a model's own formula.

        Args:
            model: Model id; None for this session's model.
            prices: What a million tokens cost; None for what the user's profiles say.

        Raises:
            PageError: If the user's file of profiles is damaged.
            BackendError: If the model is not named as text.
        """
        return self._estimate(self._snapshot, model, prices)

    def _estimate(self, shown: Snapshot, model: str | None, prices: Prices | None) -> Estimate:
        outcomes.check_model(model)
        profile = profile_for(model) if model else self.profile
        documents = shown.made.documents
        text = count_text_tokens(document.text for document in documents)
        named = model or self.model or profile.name
        return costs(named, profile, shown.pages, len(documents), text, prices)
