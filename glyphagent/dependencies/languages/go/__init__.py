"""Go: packages over files, uses by scopes and types, modules as the manifests have them."""

from __future__ import annotations

from glyphagent.dependencies.edges import Linked
from glyphagent.dependencies.facts import FileFacts
from glyphagent.dependencies.languages.go.collecting import collect
from glyphagent.dependencies.languages.go.linking import link
from glyphagent.dependencies.world import World


class Go:
    """The Go language."""

    name = "go"

    def collect(self, path: str, text: str, *, uses: bool = True) -> FileFacts:
        """Give what a file's text says by itself."""
        return collect(path, text, uses=uses)

    def link(self, facts: FileFacts, world: World) -> Linked:
        """Give what a file proves about others."""
        return link(facts, world)


LANGUAGE = Go()
