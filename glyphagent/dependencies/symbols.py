"""What is said about one file's names: definitions, imports and mentions, as plain data.

These records hold text as it was read and places in it, so that an answer can quote both. They
can be pickled, cached by content and compared. How they are found is the language files'
business; what they mean together is the index's.
"""

from __future__ import annotations

from dataclasses import dataclass

from glyphagent.document import Location


@dataclass(frozen=True, slots=True)
class Definition:
    """A name that a file defines.

    Attributes:
        name: The bare name.
        qualified_name: Dotted name inside its file: `Client.get`.
        kind: `function`, `class`, `method`, `constant`, `variable`, `attribute`, `interface`,
            `type`, `enum` or `module`.
        location: Lines of the whole definition, decorators apart.
        header: Lines of the signature alone.
        signature: Text of the header as written, up to the colon or brace before the body; for a
            constant or variable, the whole statement.
        docstring: Text of the docstring or comment, indentation and comment marks removed.
        docstring_location: Lines that hold it, or None without one.
        value: What a constant or variable is set to, as written.
        parent: Qualified name of the definition around it, empty at the top of the file.
        decorators: Decorators as written, without the at sign.
        bases: Classes that a class inherits from, as written.
    """

    name: str
    qualified_name: str
    kind: str
    location: Location
    header: Location
    signature: str
    docstring: str = ""
    docstring_location: Location | None = None
    value: str = ""
    parent: str = ""
    decorators: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Path of the file that holds it."""
        return self.location.path

    @property
    def line(self) -> int:
        """Line, from 1, on which the signature begins."""
        return self.header.line_start


@dataclass(frozen=True, slots=True)
class Import:
    """One module that one statement imports.

    Attributes:
        location: Lines of the statement.
        module: The module as written, leading dots included: `..models`, `./client.js`.
        names: Names taken from it, as they are called there; `*` for all of them.
        aliases: Pairs of a name, or the module itself, and what it is called here.
        kind: `import`, `from`, `reexport`, `require`, `dynamic` or `type`.
        resolved: Paths in the source set that it names; empty when it lies outside.
    """

    location: Location
    module: str
    names: tuple[str, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    kind: str = "import"
    resolved: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Path of the file that imports."""
        return self.location.path

    @property
    def line(self) -> int:
        """Line, from 1, on which the statement begins."""
        return self.location.line_start


@dataclass(frozen=True, slots=True)
class Mention:
    """A line in which a name stands as a whole word.

    Attributes:
        path: Path of the file.
        line: Line from 1.
        text: That line, surrounding blanks removed.
        count: How often the name stands in it.
        within: Qualified name of the innermost function or class around it, or nothing.
        defines: Whether the line is part of a definition's header of that name.
    """

    path: str
    line: int
    text: str
    count: int = 1
    within: str = ""
    defines: bool = False


@dataclass(frozen=True, slots=True)
class FileSymbols:
    """All that one file's text says by itself, before any other file is looked at.

    Attributes:
        path: Path of the file.
        language: `python`, `javascript`, `typescript`, another language's name, or `text`.
        definitions: In the order of the file.
        imports: In the order of the file, not yet resolved.
        docstring: The file's own documentation.
        docstring_location: Lines that hold it, or None without one.
        has_errors: Whether the grammar met text that it could not explain.
    """

    path: str
    language: str
    definitions: tuple[Definition, ...] = ()
    imports: tuple[Import, ...] = ()
    docstring: str = ""
    docstring_location: Location | None = None
    has_errors: bool = False
