"""What one C or C++ file says by itself: includes, macros, declarations, bindings and uses."""

from __future__ import annotations

import re
from dataclasses import replace
from sys import intern

from tree_sitter import Node

from glyphagent.dependencies.facts import (
    ITEMS,
    Chain,
    Declaration,
    FileFacts,
    Interface,
    Scope,
    Use,
)
from glyphagent.dependencies.languages.c.configurations import conditional
from glyphagent.dependencies.languages.c.directives import Directives, directives
from glyphagent.dependencies.languages.c.expressions import (
    declared_name,
    qualified,
    type_chain,
    word,
)
from glyphagent.dependencies.languages.c.preprocessed import imports, macros, module
from glyphagent.dependencies.languages.c.scopes import ANNOUNCED, USED_NAMESPACES
from glyphagent.dependencies.languages.c.statements import Statements
from glyphagent.dependencies.languages.c.walk import Around

_CLASSES = ("class_specifier", "struct_specifier", "union_specifier")
_CALL_IN_MACRO = re.compile(r"(?<![\w.>#])([A-Za-z_]\w*)\s*\(")
# A function of C, with old-style declarations of its parameters too.
_DEFINITION = re.compile(
    r"^([A-Za-z_][\w \t*]*[ \t*])([A-Za-z_]\w*)[ \t]*\([^;{}()]*\)\s*(?:[A-Za-z_][^;{}()]*;\s*)*\{",
    re.M,
)
_WORDS = frozenset("if for while switch return sizeof do else defined typeof case".split())  # noqa: SIM905


def collect_c(path: str, text: str, *, uses: bool = True) -> FileFacts:
    """What a C or C++ file's text says by itself; never raises for any text."""
    lines = directives(text)
    package, extra = module(lines)
    collector = Collector(path, text, uses)
    collector.walk()
    return collector.facts(lines, package, extra)


class Collector(Statements):
    """Handlers of declarations."""

    def __init__(self, path: str, text: str, uses: bool) -> None:
        """Parse a text; `walk` does the work."""
        super().__init__(path, text, uses)
        self._namespaces: set[str] = set()
        self._handlers |= dict.fromkeys(_CLASSES, self._on_class)
        self._handlers |= {
            "namespace_definition": self._on_namespace,
            "namespace_alias_definition": self._on_alias,
            "enum_specifier": self._on_enum,
            "type_definition": self._on_typedef,
            "alias_declaration": self._on_alias,
            "function_definition": self._on_function,
            "declaration": self._on_declaration,
            "field_declaration": self._on_declaration,
            "template_declaration": self._on_template_declaration,
            "using_declaration": self._on_using,
            "friend_declaration": self._on_friend,
        }

    def facts(self, lines: Directives, package: str, extra: tuple[object, ...]) -> FileFacts:
        """The records of the walk, with what the preprocessor's lines say."""
        defined = macros(lines)
        if self._parsed.root.has_error and not self._plus_plus:
            self._lost_functions()
        if self._wanted:
            self._macro_uses(lines)
        announced = tuple(sorted(self._announced - self._defined))
        extra = (*extra, (ANNOUNCED, announced)) if announced else extra
        if self._namespaces:
            extra = (*extra, (USED_NAMESPACES, tuple(sorted(self._namespaces))))
        extra = (*extra, *conditional(lines, self._declarations))
        declared = sorted(
            (*self._declarations, *defined), key=lambda each: (each.line, each.column)
        )
        interface = Interface(
            self._parsed.path, "c", package, imports(lines), tuple(declared), extra=extra
        )
        order = sorted(self._uses, key=lambda use: (use.line, use.column, use.kind, use.chain))
        return FileFacts(
            interface,
            tuple(self._scopes),
            tuple(self._bindings),
            tuple(order),
            uses_collected=self._wanted,
            has_errors=self._parsed.root.has_error,
        )

    def _lost_functions(self) -> None:
        """Definitions at the beginning of a line that errors around them keep out of the tree."""
        text = self._parsed.data.decode("utf-8", "replace")
        line, counted = 1, 0
        for match in _DEFINITION.finditer(text):
            name = match.group(2)
            line += text.count("\n", counted, match.start(2))
            counted = match.start(2)
            if name in _WORDS or name in self._defined:
                continue
            self._defined.add(name)
            self._declarations.append(
                Declaration(
                    intern(name),
                    intern(name),
                    "function",
                    exported="static" not in match.group(1).split(),
                    line=line,
                    column=match.start(2) - text.rfind("\n", 0, match.start(2)),
                    line_end=line,
                )
            )

    def _macro_uses(self, lines: Directives) -> None:
        """What a macro's text calls: the macro refers to it, whoever expands it calls it."""
        for each in lines.macros:
            if "(" not in each.body:
                continue
            own = {name.strip(" .") for name in each.parameters.strip("()").split(",")}
            names = dict.fromkeys(_CALL_IN_MACRO.findall(each.body))
            found = [name for name in names if name not in own and name not in _WORDS]
            if found:
                self._scopes.append(Scope(0, "function", intern(each.name)))
                scope = len(self._scopes) - 1
                for name in found:
                    self._uses.add(Use(scope, (intern(name),), "reference", each.line, each.column))

    def _on_namespace(self, node: Node, around: Around) -> None:
        name = node.child_by_field_name("name")
        body = node.child_by_field_name("body")
        if name is None:
            self._push([body], replace(around, hidden=True))
            return
        inner = around
        for part in qualified(name):
            full = self._declare(name, part, "namespace", inner, node)
            inner = replace(inner, scope=self._scope(inner, "class", full), holder=full)
        self._push([body], inner)

    def _on_using(self, node: Node, around: Around) -> None:
        names = next((qualified(each) for each in node.named_children), ())
        if not names or names[0] == "std":
            return
        if any(each.type == "namespace" for each in node.children):
            self._namespaces.add(".".join(names))
        elif not around.local and len(names) > 1 and around.type == "":
            self._declare(node, names[-1], "type", around, node, type_=names, exported=False)

    def _on_alias(self, node: Node, around: Around) -> None:
        name = node.child_by_field_name("name")
        type_node = node.child_by_field_name("type")
        chain = type_chain(type_node, around.generics)
        if node.type == "namespace_alias_definition":
            chain = qualified(node.named_child(node.named_child_count - 1))
        if name is not None and not around.local:
            self._declare(name, word(name), "type", around, node, type_=chain)
        elif name is not None:
            self._bind(around, word(name), chain)
        self._push([type_node], around)

    def _on_friend(self, node: Node, around: Around) -> None:
        for child in node.named_children:
            if child.type in ("type_identifier", "qualified_identifier"):
                self._on_name(child, around)

    def _on_template_declaration(self, node: Node, around: Around) -> None:
        parameters = node.child_by_field_name("parameters")
        names = set(around.generics)
        for each in parameters.named_children if parameters is not None else ():
            if each.type.endswith("type_parameter_declaration"):
                names.update(word(part) for part in each.named_children[:1])
        inner = replace(around, generics=frozenset(names))
        self._push([each for each in node.named_children if each != parameters], inner)

    def _on_class(self, node: Node, around: Around, called: str = "") -> None:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        names = qualified(name) if name is not None else ((called,) if called else ())
        if body is None:
            above = node.parent.type if node.parent is not None else ""
            alone = above in ("translation_unit", "declaration_list", "template_declaration")
            if name is not None and not alone and above not in _CONDITIONAL:
                self._on_name(name, around)
            return
        if not names:
            # Members of an unnamed struct or union are members of what is around it.
            self._push([body], around)
            return
        clause = next((e for e in node.named_children if e.type == "base_class_clause"), None)
        parents = [
            each
            for each in (clause.named_children if clause is not None else ())
            if each.type in ("type_identifier", "qualified_identifier", "template_type")
        ]
        bases = tuple(chain for each in parents if (chain := qualified(each)))
        outer = around.holder
        for part in names[:-1]:
            outer = f"{outer}.{part}" if outer else part
        place = name if name is not None else node
        full = self._declare(place, names[-1], "class", around, node, bases=bases, parent=outer)
        scope = self._scope(around, "class", full)
        inner = replace(around, scope=scope, holder=full, type=full, local=False)
        for each in parents:
            self._use(inner, qualified(each), "inherit", each)
            self._templates(each, inner)
        self._push([body], inner)

    def _on_enum(self, node: Node, around: Around, called: str = "") -> None:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if body is None:
            if name is not None:
                self._on_name(name, around)
            return
        names = qualified(name) if name is not None else ((called,) if called else ())
        scoped = any(each.type in ("class", "struct") for each in node.children)
        full = around.holder
        if names and not around.local:
            full = self._declare(name or node, names[-1], "enum", around, node)
        for each in body.named_children:
            constant = each.child_by_field_name("name") if each.type == "enumerator" else None
            if constant is not None and not around.local:
                parent = full if scoped and names else around.holder
                type_ = (names[-1],) if names else ()
                self._declare(
                    *(constant, word(constant), "constant", around, each),
                    type_=type_,
                    static=True,
                    parent=parent,
                )
            self._push([each.child_by_field_name("value")], around)

    def _on_typedef(self, node: Node, around: Around) -> None:
        type_node = node.child_by_field_name("type")
        tag = type_node.child_by_field_name("name") if type_node is not None else None
        chain = type_chain(type_node, around.generics)
        for each in node.children_by_field_name("declarator"):
            name, function, _ = declared_name(each)
            if name is None or around.local:
                continue
            called = word(name)
            if type_node is not None and tag is None and type_node.child_by_field_name("body"):
                # The struct has no other name than this one.
                if type_node.type in _CLASSES:
                    self._on_class(type_node, around, called)
                    type_node = None
                    continue
                if type_node.type == "enum_specifier":
                    self._on_enum(type_node, around, called)
                    type_node = None
                    continue
            if chain != (called,):
                pointed = each.type == "function_declarator" or function
                type_ = () if pointed else chain
                self._declare(name, called, "type", around, node, type_=type_)
            self._inside_declarator(each, around)
        self._push([type_node], around)

    def _on_function(self, node: Node, around: Around) -> None:
        declarator = node.child_by_field_name("declarator")
        type_node = node.child_by_field_name("type")
        body = node.child_by_field_name("body")
        name, function, _ = declared_name(declarator)
        names = qualified(name) if name is not None else ()
        if not function or not names:
            self._push(node.named_children, around)
            return
        outer, type_holder = around.holder, around.type
        inner = around
        for part in names[:-1]:
            outer = f"{outer}.{part}" if outer else part
            inner = replace(inner, scope=self._scope(inner, "class", outer), holder=outer)
            type_holder = outer
        kind = "method" if type_holder else "function"
        static = _is_static(node)
        full = self._declare(
            *(name or node, names[-1], kind, around, node),
            type_=type_chain(type_node, around.generics),
            static=static and kind == "method",
            exported=not (static and kind == "function"),
            announced=body is None and node.child_by_field_name("default_method_clause") is None,
            parent=outer,
        )
        scope = self._scope(inner, "function", full)
        within = replace(inner, scope=scope, holder=outer, type=type_holder, local=True)
        handled = (declarator, type_node)
        # What is pushed last comes first: parameters are in force in the body.
        self._push([each for each in node.named_children if each not in handled], within)
        self._parameters(declarator, within)
        self._push([type_node], around)

    def _parameters(self, declarator: Node | None, within: Around) -> None:
        while declarator is not None:
            if declarator.type == "function_declarator":
                self._push([declarator.child_by_field_name("parameters")], within)
                return
            inner = declarator.child_by_field_name("declarator")
            if inner is None and declarator.type == "reference_declarator":
                inner = declarator.named_child(0)
            declarator = inner

    def _on_declaration(self, node: Node, around: Around) -> None:
        type_node = node.child_by_field_name("type")
        declared = type_chain(type_node, around.generics)
        value = node.child_by_field_name("value") or node.child_by_field_name("default_value")
        self._push([type_node], around)
        for each in node.children_by_field_name("declarator"):
            self._declarator(node, each, around, declared, value)
        self._push([value], around)

    def _declarator(
        self, node: Node, each: Node, around: Around, declared: Chain, value: Node | None
    ) -> None:
        name, function, array = declared_name(each)
        names = qualified(name) if name is not None else ()
        first = each.child_by_field_name("value") if each.type == "init_declarator" else value
        if name is None or not names:
            self._push([each], around)
            return
        type_ = (*declared, ITEMS) if declared and array and declared[-1] != ITEMS else declared
        chain = () if declared else self._value(first, around)
        static = _is_static(node)
        if around.local and not (function and _has_parameters(each)):
            self._bind(around, names[-1], type_, chain)
        elif around.local:
            # `int f(int);` inside a function, or `Type name(value);` read as such.
            self._bind(around, names[-1], type_)
            self._parameters(each, around)
            first = None
        else:
            kind = "field" if around.type else "variable"
            if function:
                kind = "method" if around.type else "function"
            outer = around.holder
            for part in names[:-1]:
                outer = f"{outer}.{part}" if outer else part
            self._declare(
                *(name, names[-1], kind, around, node),
                type_=type_,
                value=chain,
                static=static and bool(around.type),
                exported=not static or bool(around.type),
                announced=function or any(c.type == "extern" for c in _words(node)),
                parent=outer,
            )
            if function:
                self._parameters(each, replace(around, local=False))
                first = None
            else:
                self._inside_declarator(each, around)
        if first is not None and first != value:
            self._push([first], around)


_CONDITIONAL = ("preproc_if", "preproc_ifdef", "preproc_else", "preproc_elif", "ERROR")


def _words(node: Node) -> list[Node]:
    return [
        part
        for each in node.children
        if each.type == "storage_class_specifier"
        for part in (each, *each.children)
    ]


def _is_static(node: Node) -> bool:
    return any(part.type == "static" or word(part) == "static" for part in _words(node))


def _has_parameters(declarator: Node) -> bool:
    """Whether a local declarator's brackets hold parameters, not a first value."""
    todo: Node | None = declarator
    while todo is not None:
        if todo.type == "function_declarator":
            parameters = todo.child_by_field_name("parameters")
            inner = parameters.named_children if parameters is not None else []
            return not inner or any(each.child_by_field_name("declarator") for each in inner)
        todo = todo.child_by_field_name("declarator")
    return False
