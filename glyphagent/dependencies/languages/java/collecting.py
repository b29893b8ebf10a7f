"""What one Java file says by itself: package, imports, declarations, bindings and uses.

One walk over the syntax tree with a stack of its own. Every type that the text names is a use:
Java's same-package and wildcard uses have no other evidence. Local and anonymous classes are
declarations too, since their members are looked up like any other; others cannot reach them.
"""

from __future__ import annotations

from collections.abc import Mapping
from sys import intern

from tree_sitter import Node

from glyphagent.dependencies.facts import Chain, FileFacts, ImportFact, own
from glyphagent.dependencies.languages.java.bodies import Bodies
from glyphagent.dependencies.languages.java.expressions import dotted, type_chain, word
from glyphagent.dependencies.languages.java.walk import Around
from glyphagent.dependencies.syntax import qualify

_TYPES = {
    "class_declaration": "class",
    "record_declaration": "class",
    "interface_declaration": "interface",
    "annotation_type_declaration": "interface",
    "enum_declaration": "enum",
}
_COMMENTS = ("line_comment", "block_comment")


def collect_java(path: str, text: str, *, uses: bool = True) -> FileFacts:
    """What a Java file's text says by itself; never raises for any text."""
    return Collector(path, text, uses).facts()


class Collector(Bodies):
    """The facts of one file: packages, imports, modules, types and their members."""

    def __init__(self, path: str, text: str, uses: bool) -> None:
        """Parse a text; `facts` does the work."""
        super().__init__(path, text, uses)
        self._handlers |= dict.fromkeys(_TYPES, self._on_declaration)
        self._handlers |= {
            "package_declaration": self._on_package,
            "import_declaration": self._on_import,
            "module_declaration": self._on_module,
            "requires_module_directive": self._on_requires,
            "uses_module_directive": self._on_service,
            "provides_module_directive": self._on_service,
            "field_declaration": self._on_field,
            "constant_declaration": self._on_field,
            "annotation_type_element_declaration": self._on_element,
            "method_declaration": self._on_method,
            "constructor_declaration": self._on_method,
            "compact_constructor_declaration": self._on_method,
            "enum_constant": self._on_constant,
            "type_parameter": self._on_type_parameter,
            "superclass": self._on_parents,
            "super_interfaces": self._on_parents,
            "extends_interfaces": self._on_parents,
        }

    def _on_package(self, node: Node, around: Around) -> None:
        for child in node.named_children:
            if child.type in ("identifier", "scoped_identifier"):
                self._package = intern(".".join(dotted(child)))
            else:
                self._push([child], around)

    def _on_import(self, node: Node, around: Around) -> None:
        names = [each for each in node.named_children if "identifier" in each.type]
        if not names or not (parts := dotted(names[0])):
            return
        wild = any(each.type == "asterisk" for each in node.named_children)
        static = any(each.type == "static" for each in node.children)
        line, column = self._place(names[0])
        bound = (("*", "*"),) if wild else ((parts[-1], parts[-1]),)
        specifier = ".".join(parts)
        self._imports.append(
            ImportFact(
                intern(specifier), "static" if static else "import", bound, line=line, column=column
            )
        )

    def _on_module(self, node: Node, around: Around) -> None:
        name = node.child_by_field_name("name")
        parts = dotted(name)
        if name is not None and parts:
            self._declare(name, "namespace", around, node, called=".".join(parts))
        self._push([each for each in node.named_children if each != name], around)

    def _on_requires(self, node: Node, around: Around) -> None:
        module = node.child_by_field_name("module")
        if module is not None and (parts := dotted(module)):
            line, column = self._place(module)
            self._imports.append(ImportFact(".".join(parts), "requires", line=line, column=column))

    def _on_service(self, node: Node, around: Around) -> None:
        for child in node.named_children:
            self._use(around, dotted(child), "reference", child)

    def _on_declaration(self, node: Node, around: Around) -> None:
        name = node.child_by_field_name("name")
        if name is None:
            self._push(node.named_children, around)
            return
        generics = self._generics(node, around.generics)
        bases = tuple(
            chain
            for part in ("superclass", "interfaces")
            for chain in self._parents(node.child_by_field_name(part), generics)
        )
        for child in node.named_children:
            if child.type == "extends_interfaces":
                bases += tuple(self._parents(child, generics))
        made = self._declare(name, _TYPES[node.type], around, node, bases=bases)
        if node.child_by_field_name("superclass") is not None and bases:
            self._parent_of[made.qualified_name] = bases[0]
        scope = self._scope(around, "class", made.qualified_name)
        inner = Around(scope, made.qualified_name, generics)
        for child in node.named_children:
            if child == name:
                continue
            if child.type == "formal_parameters":
                self._components(child, inner)
            self._push([child], inner)

    def _components(self, node: Node, inner: Around) -> None:
        """Fields and accessors of a record."""
        for each in node.named_children:
            name = each.child_by_field_name("name")
            if name is not None:
                type_ = type_chain(each.child_by_field_name("type"), inner.generics)
                self._declare(name, "field", inner, each, type_=type_)
                self._declare(name, "method", inner, each, type_=type_)

    def _generics(self, node: Node, outer: Mapping[str, Chain]) -> Mapping[str, Chain]:
        parameters = node.child_by_field_name("type_parameters") or next(
            (each for each in node.named_children if each.type == "type_parameters"), None
        )
        if parameters is None:
            return outer
        found = dict(outer)
        for each in parameters.named_children:
            names = [part for part in each.named_children if "identifier" in part.type]
            bounds = [part for part in each.named_children if part.type == "type_bound"]
            if names:
                bound = bounds[0].named_child(0) if bounds else None
                found[word(names[0])] = type_chain(bound, found)
        return found

    def _parents(self, node: Node | None, generics: Mapping[str, Chain]) -> list[Chain]:
        if node is None:
            return []
        return [names for each in _type_nodes(node) if (names := dotted(each))]

    def _on_parents(self, node: Node, around: Around) -> None:
        for each in _type_nodes(node):
            self._named_type(each, "inherit", around)

    def _on_type_parameter(self, node: Node, around: Around) -> None:
        self._push([each for each in node.named_children if each.type != "type_identifier"], around)

    def _on_field(self, node: Node, around: Around) -> None:
        declared = type_chain(node.child_by_field_name("type"), around.generics)
        for each in node.named_children:
            if each.type != "variable_declarator":
                self._push([each], around)
                continue
            name = each.child_by_field_name("name")
            value = each.child_by_field_name("value")
            if name is not None:
                items = ("[]*",) if declared and each.child_by_field_name("dimensions") else ()
                self._declare(name, "field", around, node, type_=(*declared, *items))
                if value is not None:
                    self._push([value], self._inside(around, word(name)))

    def _inside(self, around: Around, name: str) -> Around:
        """A scope for a member's own text."""
        symbol = qualify(around.holder, name)
        return Around(self._scope(around, "function", symbol), around.holder, around.generics)

    def _on_element(self, node: Node, around: Around) -> None:
        name = node.child_by_field_name("name")
        if name is not None:
            type_ = type_chain(node.child_by_field_name("type"), around.generics)
            self._declare(name, "method", around, node, type_=type_)
        self._push([each for each in node.named_children if each != name], around)

    def _on_method(self, node: Node, around: Around) -> None:
        name = node.child_by_field_name("name")
        generics = self._generics(node, around.generics)
        symbol = around.holder
        if name is not None and node.type == "method_declaration":
            type_ = type_chain(node.child_by_field_name("type"), generics)
            if type_ and node.child_by_field_name("dimensions") is not None:
                type_ = (*type_, "[]*")
            symbol = self._declare(name, "method", around, node, type_=type_).qualified_name
        inner = Around(self._scope(around, "function", symbol), around.holder, generics)
        self._push([each for each in node.named_children if each != name], inner)

    def _on_constant(self, node: Node, around: Around) -> None:
        name = node.child_by_field_name("name")
        holder = around
        if name is not None:
            made = self._declare(name, "constant", around, node, type_=(own(around.holder),))
            holder = self._inside(around, made.name)
        for child in node.named_children:
            if child.type == "class_body":
                self._anonymous += 1
                base = ((own(around.holder),),)
                called = f"${self._anonymous}"
                body = self._declare(child, "class", around, child, bases=base, called=called)
                scope = self._scope(around, "class", body.qualified_name)
                inner = Around(scope, body.qualified_name, around.generics)
                self._push(child.named_children, inner)
            elif child != name:
                self._push([child], holder)


def _type_nodes(node: Node) -> list[Node]:
    """Types that an `extends` or `implements` clause lists."""
    found = []
    for child in node.named_children:
        if child.type == "type_list":
            found += [each for each in child.named_children if each.type not in _COMMENTS]
        elif child.type not in _COMMENTS:
            found.append(child)
    return found
