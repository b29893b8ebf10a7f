"""JavaScript, TypeScript, JSX and Vue components: ES modules, CommonJS, types.

Imports lead where Node, the bundlers and the TypeScript compiler take them, by the manifests of
the set; uses are followed over scopes, declared types, first values and re-exports.
"""

from __future__ import annotations

from glyphagent.dependencies.edges import Linked
from glyphagent.dependencies.facts import FileFacts
from glyphagent.dependencies.languages.scripts.collector import Collector
from glyphagent.dependencies.languages.scripts.gathering import gather
from glyphagent.dependencies.languages.scripts.linking import link, stem
from glyphagent.dependencies.languages.scripts.mending import parsed
from glyphagent.dependencies.languages.scripts.modules import record
from glyphagent.dependencies.languages.scripts.vue import scripts
from glyphagent.dependencies.world import World

_TYPED = ("ts", "mts", "cts")


class Scripts:
    """JavaScript and TypeScript."""

    name = "scripts"

    def collect(self, path: str, text: str, *, uses: bool = True) -> FileFacts:
        """Give what a file's text says by itself."""
        suffix = path.rpartition(".")[2].lower()
        grammar = "typescript" if suffix in _TYPED else "tsx" if suffix == "tsx" else "javascript"
        sources: list[tuple[int, str]] = []
        if suffix == "vue":
            text, grammar, sources = scripts(text)
        collector = Collector(parsed(path, text, grammar), text, with_uses=uses)
        for _, source in sources:
            record(collector, collector.parsed.root, source, "import")
        if suffix == "vue" and not any(name == "default" for name, _ in collector.exports):
            root = collector.parsed.root
            collector.declare(stem(path), "class", "", root, root)
            collector.exports.append(("default", stem(path)))
        return gather(collector, path, "javascript" if grammar == "javascript" else "typescript")

    def link(self, facts: FileFacts, world: World) -> Linked:
        """Give what a file proves about others."""
        return link(facts, world)


LANGUAGE = Scripts()
