"""What one file's text says by itself, for the dependency graph: one form for every language.

A language's collector turns a syntax tree into these records; its linker, with all files at hand,
turns them into edges. They are plain data: pickled between processes, cached by content, compared
to learn whether a change can be seen from outside.

Scopes, bindings and uses are tuples, of which there are many: they are made, pickled and compared
several times as fast as dataclasses. Nobody but their own file's link sees them.

Lines and columns never take part in comparison: an inserted line moves everything, and nobody
else's edges change for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

# An expression or a type, as far as names go: `self.pool.get(key).items` is
# ("self", "pool", "get", "()", "items"). "()" calls what stands before it, "[]" takes an item of
# it. Empty means unknown. Generic arguments, pointers, references, promises and optionals are
# taken off types: `Optional[list[Client]]` is ("Client",) only where that is what members are
# looked up on, so an element type is written ("Client", "[]*") - see `ITEMS`.
Chain = tuple[str, ...]
CALL = "()"
ITEM = "[]"
# At the end of a type: a collection of what stands before it; taking an item undoes it.
ITEMS = "[]*"
# As a whole type: the type of whatever the method was looked up on (`-> Self`).
SELF = ("@",)
# Heads of chains that no scope decides. `own("Client")` is this file's declaration of that
# qualified name, `above("Client")` what its bases have, `UNKNOWN` an expression without a name.
UNKNOWN = "?"


def own(qualified_name: str) -> str:
    """Head of a chain that begins at a declaration of the same file."""
    return "@" + qualified_name


def above(qualified_name: str) -> str:
    """Head of a chain whose next name is looked up in the bases of a type of the same file."""
    return "^" + qualified_name


@dataclass(frozen=True, slots=True)
class Declaration:
    """A name that a file declares where others can reach it: at its top, or inside a type.

    Attributes:
        name: The bare name.
        qualified_name: Dotted name inside its file: `Client.get`; parts are joined by `.` in
            every language.
        kind: `function`, `method`, `class`, `interface`, `enum`, `type`, `field`, `variable`,
            `constant`, `namespace` or `macro`. Structs, records and traits: `class`, `class`,
            `interface`.
        parent: Qualified name of the declaration around it, empty at the top.
        bases: What a type inherits from, implements or embeds, in lookup order.
        type: A variable's or field's declared type; what a function returns; what an alias stands
            for.
        value: A variable's or field's first value; what a function without a declared result
            returns, where that is one chain of names that other files can follow.
        static: Whether a member belongs to the type rather than to its instances.
        exported: Whether other files may use it by the language's rules.
        line: Line of its name, from 1.
        column: Column of its name, from 1, in characters.
        line_end: Last line of the whole declaration.
        results: What a function of several results returns, in their order; `type` is the first.
    """

    name: str
    qualified_name: str
    kind: str
    parent: str = ""
    bases: tuple[Chain, ...] = ()
    type: Chain = ()
    value: Chain = ()
    static: bool = False
    exported: bool = True
    line: int = field(default=0, compare=False)
    column: int = field(default=0, compare=False)
    line_end: int = field(default=0, compare=False)
    results: tuple[Chain, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportFact:
    """One module that one statement brings in.

    Attributes:
        specifier: Module, header, path or crate as written: `..models`, `./client.js`, `net/http`.
        kind: The language's own word: `import`, `from`, `reexport`, `require`, `dynamic`, `type`,
            `include`, `system`, `use`, `mod`, `static`, ...
        names: Pairs of a name taken out of the module, `*` for all, and what it is called here.
        alias: What the module itself is called here, empty if it is not bound to a name.
        scope: Index of the scope that the names are bound in.
        condition: As in `Edge`.
        computed: Whether the specifier is an expression that only a run can tell.
        line: Line of the specifier, from 1.
        column: Column of the specifier, from 1, in characters.
        name_lines: Line of each of `names`, in their order; empty if all are on `line`.
    """

    specifier: str
    kind: str = "import"
    names: tuple[tuple[str, str], ...] = ()
    alias: str = ""
    scope: int = 0
    condition: str = ""
    computed: bool = False
    line: int = field(default=0, compare=False)
    column: int = field(default=0, compare=False)
    name_lines: tuple[int, ...] = field(default=(), compare=False)


class Scope(NamedTuple):
    """A stretch of a file with names of its own.

    Attributes:
        parent: Index of the scope around it, -1 for the file's own, which is scope 0.
        kind: `module`, `class` or `function`; anonymous functions and blocks that bind names are
            `function`.
        symbol: Qualified name of the declaration that it is, or that is around it.
    """

    parent: int
    kind: str
    symbol: str = ""


class Binding(NamedTuple):
    """A parameter or local variable.

    Attributes:
        scope: Index of its scope.
        name: The name.
        type: Declared type, if any.
        value: First value, if any; an iteration's element is `(*iterated, "[]")`.
    """

    scope: int
    name: str
    type: Chain = ()
    value: Chain = ()


class Use(NamedTuple):
    """A place where an expression names something.

    Attributes:
        scope: Index of the scope that it stands in.
        chain: The longest chain there: `a.b().c` is one use for `a.b` (call) and one for
            `a.b().c`, none for `a`.
        kind: `call`, `reference` or `inherit`; a constructor's use is a `call`.
        line: Line of the chain's last name, from 1.
        column: Column of the chain's last name, from 1, in characters.
    """

    scope: int
    chain: Chain
    kind: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Interface:
    """The part of a file's facts that other files' links may depend on.

    Attributes:
        path: Path of the file.
        language: Name of the language.
        package: Package, module or crate path that the file says it belongs to, if it does.
        imports: In the order of the file.
        declarations: In the order of the file.
        exports: Pairs of an exported name and the name of it here, where these are told apart
            (`export {a as b}`); `("default", "")` for an anonymous default export.
        extra: What only the language's own linker understands; plain, hashable data.
    """

    path: str
    language: str
    package: str = ""
    imports: tuple[ImportFact, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    exports: tuple[tuple[str, str], ...] = ()
    extra: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class FileFacts:
    """All that one file's text says by itself.

    Attributes:
        interface: What others may look at.
        scopes: Scope 0 is the file's own.
        bindings: Parameters and local variables of all scopes but the file's own and classes',
            whose names are declarations.
        uses: In the order of the file; empty when only imports were asked for.
        uses_collected: Whether uses were asked for.
        has_errors: Whether the grammar met text that it could not explain.
    """

    interface: Interface
    scopes: tuple[Scope, ...] = (Scope(-1, "module"),)
    bindings: tuple[Binding, ...] = ()
    uses: tuple[Use, ...] = ()
    uses_collected: bool = True
    has_errors: bool = False

    @property
    def path(self) -> str:
        """Path of the file."""
        return self.interface.path

    @property
    def language(self) -> str:
        """Name of the language."""
        return self.interface.language

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes as plain tuples, which take a third of the time."""
        return _restored, (
            self.interface,
            tuple(map(tuple, self.scopes)),
            tuple(map(tuple, self.bindings)),
            tuple(map(tuple, self.uses)),
            self.uses_collected,
            self.has_errors,
        )


def _restored(
    interface: Interface,
    scopes: tuple[tuple[int, str, str], ...],
    bindings: tuple[tuple[int, str, Chain, Chain], ...],
    uses: tuple[tuple[int, Chain, str, int, int], ...],
    uses_collected: bool,
    has_errors: bool,
) -> FileFacts:
    return FileFacts(
        interface,
        tuple(map(Scope._make, scopes)),
        tuple(map(Binding._make, bindings)),
        tuple(map(Use._make, uses)),
        uses_collected,
        has_errors,
    )
