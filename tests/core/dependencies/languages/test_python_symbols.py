"""What Python's names stand for in other files."""

from __future__ import annotations

import textwrap

import pytest

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.edges import Edge

LIBRARY = {
    "lib/__init__.py": "from .client import Client, connect\nfrom . import client as net\n",
    "lib/base.py": """\
    class Base:
        def close(self): ...
        def again(self) -> "Self":
            return self
    """,
    "lib/client.py": """\
    from __future__ import annotations
    from typing import Iterator
    from .base import Base
    class Pool:
        size = 3
        def get(self): ...
    class Client(Base):
        retries: int = 2
        def __init__(self, pool: Pool | None = None):
            self.pool = pool or Pool()
        @property
        def first(self) -> Pool: ...
        def send(self) -> Reply: ...
        def stream(self) -> Iterator[Reply]: ...
        @classmethod
        def make(cls): return cls()
    class Reply:
        def json(self): ...
    def connect() -> Client:
        return Client()
    def guess():
        made = Client()
        return made
    default = Client()
    """,
    "lib/alias.py": "from .client import Client as Renamed\nOld = Renamed\n",
}


def edges(text: str, **more: str) -> set[tuple[str, str, str]]:
    """Kind, target file and symbol of each symbol edge out of a file beside the library."""
    return {(e.kind, e.target.removeprefix("lib/"), e.target_symbol) for e in found(text, **more)}


def found(text: str, **more: str) -> tuple[Edge, ...]:
    texts = LIBRARY | {"user.py": text} | more
    texts = {path: textwrap.dedent(each) for path, each in texts.items()}
    return DependencyAnalyzer(texts, workers=0).graph.symbol_edges_from("user.py")


def calls(text: str, **more: str) -> set[str]:
    return {symbol for kind, _, symbol in edges(text, **more) if kind == "call"}


def test_an_import_is_an_edge_to_where_the_name_is_defined() -> None:
    assert edges("from lib import Client, connect as go, net, nothing\n") == {
        ("reference", "client.py", "Client"),
        ("reference", "client.py", "connect"),
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from lib import Client\nClient()", {"Client"}),
        ("import lib\nlib.Client().send()", {"Client", "Client.send"}),
        ("import lib.client as c\nc.connect()", {"connect"}),
        ("from lib import net\nnet.connect().close()", {"connect", "Base.close"}),
        ("from lib import *\nconnect()", {"connect"}),
        ("from lib import connect\nconnect().send().json()", {
            "connect", "Client.send", "Reply.json",
        }),
        ("from lib import Client\nx = Client()\nx.pool.get()", {"Client", "Pool.get"}),
        ("from lib import Client\nClient.make().send()", {"Client.make", "Client.send"}),
        ("from lib import Client\nClient().again().send()", {
            "Client", "Base.again", "Client.send",
        }),
        ("from lib import Client\nClient().first.get()", {"Client", "Pool.get"}),
        ("from lib.client import guess\nguess().send()", {"guess", "Client.send"}),
        ("from lib.client import default\ndefault.send()", {"Client.send"}),
        ("from lib.alias import Old\nOld().send()", {"Client", "Client.send"}),
        ("from lib import Client\ndef f(c: Client):\n    c.send()", {"Client.send"}),
        ("from lib import Client\ndef f(c: 'Client | None'):\n    c.send()", {"Client.send"}),
        ("from lib import Client\ndef f(c: list[Client]):\n    for x in c: x.send()", {
            "Client.send",
        }),
        ("from lib import Client\ndef f(c: dict[str, Client]):\n    c['a'].send()", {
            "Client.send",
        }),
        ("from lib import Client\ndef f(c: type[Client]):\n    c().send()", {
            "Client", "Client.send",
        }),
        ("from lib import Client\ndef f(*c: Client):\n    c[0].send()", {"Client.send"}),
        ("from lib import Client\nfor r in Client().stream(): r.json()", {
            "Client", "Client.stream", "Reply.json",
        }),
        ("from lib import Client\nwith Client() as c: c.send()", {"Client", "Client.send"}),
        ("from lib import Client\nif (c := Client()): c.send()", {"Client", "Client.send"}),
        ("from lib import Client\nasync def f(c: Client):\n    (await c.send()).json()", {
            "Client.send", "Reply.json",
        }),
        ("from lib import Client\nclass Mine(Client):\n    def f(self): self.send()", {
            "Client.send",
        }),
        ("from lib import Client\nclass Mine(Client):\n    def close(self): super().close()", {
            "Base.close",
        }),
        ("from lib import Client\nclass A:\n    def __init__(self, c: Client):\n"
         "        self.c = c\n    def f(self):\n        self.c.send()", {"Client.send"}),
        ("def f():\n    from lib import Client\n    Client()", {"Client"}),
        ("from lib import connect\n@connect\ndef f(): ...", {"connect"}),
        ("from lib.client import default\ndefault()", {"default"}),
        ("from lib import connect\nx = lambda: connect()", {"connect"}),
        ("from lib import connect\nx = f'{connect()}'", {"connect"}),
        ("from lib import connect\nprint([connect() for _ in range(3)])", {"connect"}),
    ],
)  # fmt: skip
def test_calls_are_followed_to_their_definition(text: str, expected: set[str]) -> None:
    assert calls(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "from lib import connect\ndef f(connect): connect()",
        "from lib import connect\ndef f():\n    connect = print\n    connect()",
        "def connect(): ...\nconnect()",
        "connect()",
        "import json\njson.send()",
        "import json\ndef f(x: json.Thing): x.send()",
        "class A:\n    from lib import connect\ndef f(): connect()",
        "x.get()",
        "'text'.close()",
    ],
)
def test_a_name_of_another_scope_is_no_edge(text: str) -> None:
    assert calls(text) == set()


def test_how_sure_an_edge_is() -> None:
    sure = {
        e.target_symbol: e.confidence
        for e in found(
            """\
            from lib import Client, connect
            connect()
            class Mine(Client):
                def f(self):
                    self.close()
            def g(c: Client):
                c.first
            Client().send()
            """
        )
    }
    assert sure["connect"] == "exact"
    assert sure["Base.close"] == "exact"
    assert sure["Client.first"] == "inferred"


def test_an_unknown_receiver_is_told_by_a_name_that_only_one_method_has() -> None:
    (edge,) = (e for e in found("def f(reply): reply.json()\n") if e.kind == "call")
    assert (edge.target_symbol, edge.confidence) == ("Reply.json", "inferred")
    assert calls(
        "def f(reply): reply.json()\n", **{"b.py": "class B:\n    def json(self): ..."}
    ) == (set())


def test_inheritance_and_plain_references_have_kinds_of_their_own() -> None:
    text = """\
    import lib
    class Mine(lib.Client, lib.client.Pool): ...
    table = {"a": lib.connect, "b": lib.net.default.retries}
    def typed(x: lib.Client) -> lib.client.Reply: ...
    """
    kinds = edges(text)
    assert ("inherit", "client.py", "Client") in kinds
    assert ("inherit", "client.py", "Pool") in kinds
    assert ("reference", "client.py", "connect") in kinds
    assert ("reference", "client.py", "Client.retries") in kinds
    assert ("reference", "client.py", "Reply") in kinds
    assert not any(kind == "call" for kind, _, _ in kinds)


def test_an_edge_names_the_definition_around_it_and_its_place() -> None:
    text = "from lib import connect\nclass A:\n    def f(self):\n        return connect()\n"
    (edge,) = (e for e in found(text) if e.kind == "call")
    assert (edge.source_symbol, edge.line, edge.column, edge.name) == ("A.f", 4, 16, "connect")


def test_cycles_of_names_end() -> None:
    texts = {
        "a.py": "from b import *\nfrom b import y as x\nclass A(B): ...\nv = w\n",
        "b.py": "from a import *\nfrom a import x as y\nclass B(A): ...\nw = v\n",
        "c.py": "from a import A, x, v\nA().f()\nx()\nv.z()\nB.f()\nq = q.r\n",
    }
    graph = DependencyAnalyzer(texts, workers=0).graph
    assert {(e.source, e.target) for e in graph.edges} == {
        ("a.py", "b.py"), ("b.py", "a.py"), ("c.py", "a.py"),
    }  # fmt: skip
    assert ("c.py", "a.py", "A") in {
        (e.source, e.target, e.target_symbol) for e in graph.symbol_edges
    }
