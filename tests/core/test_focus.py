"""What a question names, told by spelling, and which path a text stands for."""

from __future__ import annotations

import pytest

from glyphagent.document import Location
from glyphagent.errors import SourceError
from glyphagent.focus import names_in, path_named
from glyphagent.live_graph import LiveGraph

TEXTS = {
    "shop/__init__.py": "",
    "shop/cart.py": "class Cart:\n    def total(self):\n        pass\n\n\ndef pay():\n    pass\n",
    "shop/stock.py": "class Stock:\n    def total(self):\n        pass\n",
    "lib/cart.py": "LIMIT = 3\n",
}
GRAPH = LiveGraph().of(TEXTS)
LINES = {path: max(text.count("\n"), 1) for path, text in TEXTS.items()}


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("What does shop/cart.py do?", ["shop/cart.py:1-7"]),
        ("What is in stock.py?", ["shop/stock.py:1-3"]),
        ("What is in cart.py?", ["shop/cart.py:1-7", "lib/cart.py"]),
        ("Explain shop.stock please", ["shop/stock.py:1-3"]),
        ("Who imports project.stock?", ["shop/stock.py:1-3"]),
        ("How does Cart.total() work?", ["shop/cart.py:2-3"]),
        ("Where is LIMIT used, and how does `pay` work?", ["shop/cart.py:6-7", "lib/cart.py:1"]),
        ("How do people pay?", ["shop/cart.py:6-7"]),
        ("What is the total of it all?", []),
        ("Why is this slow?", []),
        ("", []),
    ],
)
def test_a_question_names_files_and_definitions(question: str, places: list[str]) -> None:
    found = [each.location for each in names_in(question, GRAPH, LINES)]
    assert [str(place) for place in found] == [
        "lib/cart.py:1" if place == "lib/cart.py" else place for place in places
    ]
    assert all(isinstance(place, Location) for place in found)


def test_a_text_stands_for_one_path() -> None:
    assert path_named("./shop/cart.py", TEXTS) == "shop/cart.py"
    assert path_named("stock.py", TEXTS) == "shop/stock.py"
    with pytest.raises(SourceError, match=r"'cart.py' may be any of shop/cart.py, lib/cart.py"):
        path_named("cart.py", TEXTS)
    with pytest.raises(SourceError, match=r"no file 'shop/carts.py'.*did you mean shop/cart.py"):
        path_named("shop/carts.py", TEXTS)
    for wrong in ("", "zzzzzzzz"):
        with pytest.raises(SourceError, match="no file"):
            path_named(wrong, TEXTS)
