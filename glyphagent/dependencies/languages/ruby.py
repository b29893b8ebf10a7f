"""Ruby: what is required, and the constants of projects that load them by their names.

`require` searches a load path that only a run knows; here it is what gems and test runners make
of it: `lib` folders, a gemspec's own, `test` and `spec` for the files in them. Where Rails or
Zeitwerk load files by the names of constants, naming one is an edge, never above `inferred`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import partial

from tree_sitter import Node

from glyphagent.dependencies.edges import Confidence, Edge, Linked, Unresolved
from glyphagent.dependencies.facts import Chain, FileFacts, ImportFact
from glyphagent.dependencies.languages.naming import (
    Gatherer,
    Place,
    Reached,
    file_edges,
    first,
    longest,
    outward,
    places,
    symbol_edges,
    word,
)
from glyphagent.dependencies.world import World

_LOADERS = frozenset(("require", "require_relative", "load", "autoload", "require_dependency"))
_MIXERS = frozenset(("include", "extend", "prepend"))
_REQUIRE_PATHS = re.compile(r"require_paths\s*=\s*(?:\[([^\]]*)\]|%w[\[({<]([^\])}>]*))")
_CONDITIONAL = frozenset(("if", "unless", "if_modifier", "unless_modifier", "elsif", "when"))
_QUOTED = re.compile(r"""["']([^"']+)["']""")


class _RubyGatherer(Gatherer):
    """Records of a Ruby file."""

    # What decides whether the walk's place is run.
    _condition = ""

    def visit(self, node: Node) -> None:
        kind = node.type
        if kind in ("class", "module"):
            self._type(node, kind)
        elif kind in ("method", "singleton_method"):
            name = node.child_by_field_name("name")
            rest = [each for each in node.named_children if each != name]
            if name is not None:
                self.inside(self.declare(name, "method", node), "function", rest)
        elif kind == "call":
            self._call(node)
        elif kind == "assignment":
            left = node.child_by_field_name("left")
            if left is not None and left.type == "constant":
                self.declare(left, "constant", node)
            self.push([left if left is None or left.type != "constant" else None])
            self.push([node.child_by_field_name("right")])
        elif kind in _CONDITIONAL:
            above = self._condition
            decides = word(node.child_by_field_name("condition"))[:80]
            self._condition = (f"!({decides})" if kind.startswith("unless") else decides) or above
            self.after(partial(setattr, self, "_condition", above))
            self.push(node.named_children)
        elif kind in ("constant", "scope_resolution"):
            chain = _constant(node)
            if chain:
                self.mention(chain, node)
            else:
                self.push(node.named_children)
        else:
            self.push(node.named_children)

    def _type(self, node: Node, kind: str) -> None:
        name = node.child_by_field_name("name")
        chain = _constant(name)
        above = node.child_by_field_name("superclass")
        rest = [each for each in node.named_children if each not in (name, above)]
        base = _constant(first(above)) if above is not None else ()
        if above is not None and base:
            self.mention(base, first(above) or above, "inherit")
        elif above is not None:
            self.push([above])
        if name is None or not chain:
            self.push(rest)
            return
        absolute = chain[0] == ""
        full = ".".join(chain[1:]) if absolute else self.qualify(".".join(chain))
        what = "class" if kind == "class" else "namespace"
        self.inside(self.declare(name, what, node, qualified=full), "class", rest)

    def _call(self, node: Node) -> None:
        method = word(node.child_by_field_name("method"))
        receiver = node.child_by_field_name("receiver")
        arguments = node.child_by_field_name("arguments")
        given = arguments.named_children if arguments is not None else []
        bare = receiver is None or word(receiver) in ("Kernel", "self")
        if method in _LOADERS and given and (bare or method == "autoload"):
            self._load(method, given)
            self.push([receiver if not bare else None])
            return
        if method in _MIXERS and bare:
            for each in given:
                chain = _constant(each)
                if chain:
                    self.mention(chain, each, "inherit")
                else:
                    self.push([each])
            return
        chain = _constant(receiver)
        if receiver is not None and chain:
            made = chain if method == "new" else (*chain, method)
            self.mention(made, receiver, "call")
            receiver = None
        block = node.child_by_field_name("block")
        self.push([receiver, *given, block])

    def _load(self, method: str, given: list[Node]) -> None:
        place = given[1] if method == "autoload" and len(given) > 1 else given[0]
        path = _literal(place)
        lazy = method == "autoload" or self.scopes[self.scope].kind == "function"
        self.imports.append(
            ImportFact(
                path if path is not None else word(place)[:120],
                "require" if method == "require_dependency" else method,
                names=((word(place), ""),),
                alias=self.qualify(word(given[0]).lstrip(":")) if method == "autoload" else "",
                condition="lazy" if lazy else self._condition,
                computed=path is None,
                line=place.start_point[0] + 1,
                column=self.column(place),
            )
        )
        if path is None:
            self.push(given)


def _constant(node: Node | None) -> Chain:
    """Names of a constant, an empty one first where it begins at the top; empty for another."""
    names: list[str] = []
    while node is not None and node.type == "scope_resolution":
        last = node.child_by_field_name("name")
        if last is None or last.type != "constant":
            return ()
        names.append(word(last))
        scope = node.child_by_field_name("scope")
        if scope is None:
            names.append("")
            return tuple(reversed(names))
        node = scope
    if node is None or node.type != "constant":
        return ()
    return (word(node), *reversed(names))


def _literal(node: Node | None) -> str | None:
    """Path that a loading call names; `//` before what stands beside the file's own folder."""
    if node is None:
        return None
    parts = node.named_children
    if node.type == "string":
        text = ""
        for at, each in enumerate(parts):
            if each.type == "interpolation" and at == 0 and word(first(each)) == "__dir__":
                text = "//"
            elif each.type in ("string_content", "escape_sequence"):
                text += word(each)
            else:
                return None
        return text
    if node.type != "call" or word(node.child_by_field_name("receiver")) != "File":
        return None
    arguments = node.child_by_field_name("arguments")
    given = arguments.named_children if arguments is not None else []
    words = [word(each) for each in given]
    method = word(node.child_by_field_name("method"))
    if method == "expand_path" and len(given) == 2:
        path = _literal(given[0])
        if path is None or words[1] not in ("__FILE__", "__dir__"):
            return None
        # From a file's own path, the first step up only leaves its name.
        return f"//{path}" if words[1] == "__dir__" else f"//{path.removeprefix('../')}"
    if method == "join" and len(given) > 1 and words[0] == "__dir__":
        rest = [_literal(each) for each in given[1:]]
        return "//" + "/".join(each or "" for each in rest) if None not in rest else None
    return None


class Ruby:
    """The Ruby language."""

    name = "ruby"

    def collect(self, path: str, text: str, *, uses: bool = True) -> FileFacts:
        """Give what a file's text says by itself; uses prove file edges, so they always are."""
        gatherer = _RubyGatherer(path, text, "ruby")
        gatherer.run()
        marks = ("zeitwerk",) if "Zeitwerk::" in text else ()
        return gatherer.facts(extra=(*marks, *(() if uses else ("files only",))))

    def link(self, facts: FileFacts, world: World) -> Linked:
        """Give what a file proves about others."""
        edges: set[Edge] = set()
        unresolved: set[Unresolved] = set()
        for fact in facts.interface.imports:
            name = fact.names[0][0] if fact.names else fact.specifier
            at = (facts.path, fact.line, fact.column, name.strip("'\""))
            if fact.computed:
                unresolved.add(Unresolved(*at, "dynamic"))
                continue
            found = _find(world, facts.path, fact)
            if found is None:
                beside = fact.kind == "require_relative" or fact.specifier.startswith("//")
                unresolved.add(Unresolved(*at, "missing" if beside else "external"))
            elif found[0] != facts.path:
                target, sure = found
                place = (facts.path, target, *at[1:3], "import", at[3], sure)
                edges.add(Edge(*place, condition=fact.condition))
        required = frozenset(edge.target for edge in edges)
        symbols = symbol_edges(facts, world, partial(_resolve, world, required))
        loaded = _loaded(world)
        named = (edge for edge in symbols if edge.target in loaded)
        edges.update(edge for edge in file_edges(named) if edge.target not in required)
        wanted = symbols if "files only" not in facts.interface.extra else ()
        return Linked(tuple(sorted(edges)), wanted, tuple(sorted(unresolved)))


def _find(world: World, path: str, fact: ImportFact) -> tuple[str, Confidence] | None:
    """File that a loading call leads to."""
    folder = posixpath.dirname(path)
    specifier = fact.specifier
    if fact.kind == "require_relative" or specifier.startswith("//"):
        found = _file(world, folder, specifier.lstrip("/"))
        return (found, "exact") if found else None
    if specifier.startswith(("./", "../")):
        found = _file(world, "", specifier) or _file(world, folder, specifier)
        return (found, "inferred") if found else None
    for root in _roots(world, folder):
        found = _file(world, root, specifier)
        if found:
            return found, "exact"
    for root in ("", folder) if fact.kind == "load" else ("",):
        found = _file(world, root, specifier)
        if found:
            return found, "inferred"
    return None


def _file(world: World, folder: str, specifier: str) -> str | None:
    base = posixpath.normpath(posixpath.join(folder, specifier))
    return next((path for path in (f"{base}.rb", base) if world.exists(path)), None)


def _roots(world: World, folder: str) -> tuple[str, ...]:
    """Folders that `require` searches for a file of a folder, the nearest ones first."""
    return world.memo("ruby.roots", folder, partial(_all_roots, world, folder), ())


def _all_roots(world: World, folder: str) -> tuple[str, ...]:
    roots: list[str] = []
    at = folder
    while True:
        roots.append(posixpath.join(at, "lib"))
        if posixpath.basename(at) in ("test", "spec", "lib"):
            roots.append(at)
        if not at:
            break
        at = posixpath.dirname(at)
    for home, names in _gems(world):
        roots += [posixpath.normpath(posixpath.join(home, name)) for name in names]
    return tuple(dict.fromkeys(root for root in roots if world.is_folder(root)))


def _gems(world: World) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Folders of gemspecs, with the folders that they put on the load path."""
    none: tuple[tuple[str, tuple[str, ...]], ...] = ()
    return world.memo("ruby.gems", "", partial(_read_gems, world), none, steady=True)


def _read_gems(world: World) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = []
    for path in world.files():
        if path.endswith(".gemspec"):
            match = _REQUIRE_PATHS.search(world.text(path) or "")
            names = ["lib"]
            if match:
                names = _QUOTED.findall(match.group(1) or "") or (match.group(2) or "").split()
            found.append((posixpath.dirname(path), tuple(names)))
    return tuple(found)


def _loaded(world: World) -> Mapping[str, str]:
    """Files that are loaded by the names of constants, each with what it must declare."""
    return world.memo("ruby.loaded", "", partial(_all_loaded, world), {}, steady=True)


def _all_loaded(world: World) -> Mapping[str, str]:
    roots: set[str] = set()
    for path in world.named("application.rb"):
        if path.endswith("config/application.rb"):
            app = posixpath.join(posixpath.dirname(posixpath.dirname(path)), "app")
            folders = [each for each in world.entries(app) if not world.exists(each)]
            roots.update(folders)
            roots.update(posixpath.join(each, "concerns") for each in folders)
    ruby = [path for path in world.files() if path.endswith(".rb")]
    for path in ruby:
        interface = world.interface(path)
        if interface is not None and "zeitwerk" in interface.extra:
            home = posixpath.dirname(path)
            roots.update({home} if posixpath.basename(home) == "lib" else set())
    found: dict[str, str] = {}
    # The deepest root comes last and wins: `concerns` are no namespace.
    for root in sorted(roots, key=len):
        for path in ruby:
            if path.startswith(root + "/"):
                found[path] = _plain(path[len(root) + 1 : -3].replace("/", "."))
    for path in ruby:
        interface = world.interface(path)
        for fact in interface.imports if interface is not None else ():
            if fact.kind == "autoload" and not fact.computed:
                target = _find(world, path, fact)
                if target is not None:
                    found.setdefault(target[0], _plain(fact.alias))
    return found


def _plain(name: str) -> str:
    """A constant's or path's name without what inflection may change."""
    return name.replace("_", "").lower()


def _resolve(
    world: World, required: frozenset[str], chain: Chain, symbol: str
) -> Iterator[Reached]:
    """File that declares a constant; one that many files open again is nobody's."""
    table = places(world, ("ruby",))
    found: tuple[Place, ...] = ()
    length = 0
    if chain[0] == "":
        found, length = longest(table, "", chain[1:])
        length += 1
    else:
        for prefix in outward(symbol):
            found, length = longest(table, prefix, chain)
            if found:
                break
    loaded = _loaded(world)
    named = [each for each in found if loaded.get(each.path) == _plain(each.name)]
    chosen = named[:1] or [each for each in found if each.path in required][:1]
    if not chosen and len({each.path for each in found}) == 1:
        chosen = [found[0]]
    for each in chosen:
        yield Reached(each, length, "exact" if each.path in required else "inferred")


LANGUAGE = Ruby()
