"""What a walk over one file has found, as the records that other files may look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from glyphagent.dependencies.facts import (
    SELF,
    Binding,
    Chain,
    Declaration,
    FileFacts,
    Interface,
    Use,
    own,
)
from glyphagent.dependencies.languages.scripts.collector import Collector
from glyphagent.dependencies.languages.scripts.definitions import named
from glyphagent.dependencies.languages.scripts.docs import read_docs
from glyphagent.dependencies.languages.scripts.modules import (
    loading_call,
    loading_constructor,
    references,
)
from glyphagent.dependencies.languages.scripts.values import returned_object
from glyphagent.dependencies.languages.scripts.walking import HANDLERS

_TYPES = ("class", "interface")
_STEPS = 8
_LOADS = """
(call_expression function: (import)) @load
(call_expression function: (identifier) @_name
  (#any-of? @_name "require" "define" "requirejs" "importScripts")) @load
(call_expression function: (member_expression object: (_) @_held)
  (#any-of? @_held "jest" "vi" "vitest" "require" "import.meta")) @load
(new_expression constructor: (identifier) @_name
  (#any-of? @_name "Worker" "SharedWorker" "URL")) @construct
"""


def gather(c: Collector, path: str, language: str) -> FileFacts:
    """Walk a file and give all that was found, in its order."""
    references(c)
    if language == "javascript":
        read_docs(c)
    c.walk(HANDLERS)
    while c.returned:
        returned_object(c, *c.returned.pop())
        c.walk_on(HANDLERS)
    if not c.with_uses:
        _loads_inside(c)
    c.imports.sort(key=lambda each: (each.line, each.column, each.kind))
    declarations = sorted(_finished(c), key=lambda each: (each.line, each.column))
    interface = Interface(
        path,
        language,
        "",
        tuple(c.imports),
        tuple(declarations),
        tuple(dict(c.exports).items()),
        _extra(c),
    )
    if not c.with_uses:
        return FileFacts(interface, has_errors=c.parsed.root.has_error, uses_collected=False)
    return FileFacts(
        interface,
        tuple(c.scopes),
        tuple(c.bindings),
        tuple(_telling_uses(c, declarations)),
        has_errors=c.parsed.root.has_error,
    )


def _loads_inside(c: Collector) -> None:
    """Enter what function bodies load, which a walk without uses leaves out."""
    inner = c.open(0)
    for tag, node in c.parsed.captures(_LOADS):
        if node.id in c.loaded:
            continue
        if tag == "load":
            loading_call(c, node, inner)
        elif tag == "construct":
            loading_constructor(c, node, inner)


def _extra(c: Collector) -> tuple[object, ...]:
    """What functions hand to callbacks, values of names that are types, what bases are given."""
    types = {each.qualified_name for each in c.declarations if each.kind in _TYPES}
    handed = tuple(sorted((*key, *told) for key, told in c.callbacks.items()))
    both = tuple(
        (each.qualified_name, each.type, each.value)
        for each in c.declarations
        if each.kind in ("variable", "constant") and each.qualified_name in types
    )
    return (handed, both, tuple(sorted(c.type_arguments.items())))


def _finished(c: Collector) -> Iterator[Declaration]:
    """Declarations with what only the whole file could tell: results, bases, constructors."""
    results = _results(c)
    spread: dict[str, list[Chain]] = {}
    for parent, chain in c.spreads:
        spread.setdefault(parent, []).append(chain)
    functions = {each.qualified_name for each in c.declarations if each.kind == "function"}
    types = {each.qualified_name for each in c.declarations if each.kind in _TYPES}
    known = {each.qualified_name for each in c.declarations}
    bound = _bound(c)
    for parent, key, whole, scope, said, chain in c.fields:
        if f"{parent}.{named(c, key)}" in known:
            continue
        kind, value = (said, ()) if said else _seen_from_outside(c, bound, scope, chain)
        if kind or value:
            known.add(f"{parent}.{named(c, key)}")
        if kind != SELF:
            c.declare(named(c, key), "field", parent, key, whole, typed=kind, value=value)
    for each in c.declarations:
        name = each.qualified_name
        if each.kind == "function" and name in types:
            # A function and an interface of one name: calling the one gives the other.
            continue
        if each.kind == "interface" and name in functions:
            each = replace(each, kind="class")
        bases = (*each.bases, *c.inherited.get(name, ()), *spread.get(name, ()))
        if each.kind == "function" and (name in c.prototypes or name in c.inherited):
            yield replace(each, kind="class", bases=bases, type=())
            continue
        if bases != each.bases:
            each = replace(each, bases=bases)
        if each.kind in ("function", "method") and not each.type and not each.value:
            kind, value = results.get(name, ((), ()))
            if kind or value:
                each = replace(each, type=kind, value=value)
        yield each


def _results(c: Collector) -> dict[str, tuple[Chain, Chain]]:
    """Type or value that functions without a declared result return, where others can follow."""
    bound = _bound(c)
    found: dict[str, tuple[Chain, Chain]] = {}
    for scope, symbol in c.result_of.items():
        # The last one is what the function is for; those before it leave it early.
        for at, chain in reversed(c.results.get(scope, ())):
            told = _seen_from_outside(c, bound, at, chain)
            if told != ((), ()):
                found.setdefault(symbol, told)
                break
    return found


def _bound(c: Collector) -> dict[tuple[int, str], Binding]:
    """Local names by scope; of several bindings of one, the first that says anything."""
    bound: dict[tuple[int, str], Binding] = {}
    for binding in c.bindings:
        known = bound.get((binding.scope, binding.name))
        if known is None or not (known.type or known.value):
            bound[binding.scope, binding.name] = binding
    return bound


def _seen_from_outside(
    c: Collector, bound: dict[tuple[int, str], Binding], scope: int, chain: Chain
) -> tuple[Chain, Chain]:
    """A returned chain as type or value with local names replaced; nothing if that fails."""
    for _ in range(_STEPS):
        if not chain:
            return (), ()
        at = scope
        binding = None
        while at >= 0 and binding is None:
            binding = bound.get((at, chain[0]))
            at = c.scopes[at].parent
        if binding is None:
            return (), chain
        if binding.type:
            kind, rest = binding.type, chain[1:]
            if not rest:
                return (SELF, ()) if chain[0] == "this" else (kind, ())
            if kind[0][:1] == "@" and len(kind) == 1:
                return (), (own(kind[0][1:]), *rest)
            return (), ()
        chain = (*binding.value, *chain[1:]) if binding.value else ()
        scope = binding.scope
        if chain and chain[0] == binding.name:
            return (), ()
    return (), ()


def _telling_uses(c: Collector, declarations: list[Declaration]) -> list[Use]:
    """Uses that may lead to a definition of this file or another one, in the file's order.

    A chain whose first name is neither imported nor given any meaning here cannot; a lone local
    name tells nothing.
    """
    taken = {alias for each in c.imports for _, alias in each.names}
    taken.update(each.alias for each in c.imports if each.alias)
    taken.update(each.name for each in declarations if not each.parent)
    leading = set(taken)
    for binding in c.bindings:
        if binding.type or binding.value:
            leading.add(binding.name)
            if binding.value and binding.value[0] in taken:
                taken.add(binding.name)
    found = [
        use
        for use in c.uses
        if use.chain[0] in (leading if len(use.chain) > 1 or use.kind != "reference" else taken)
        or use.chain[0][:1] in "@^"
    ]
    found.sort(key=lambda use: (use.line, use.column, use.kind, use.chain))
    return found
