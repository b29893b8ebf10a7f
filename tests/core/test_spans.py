from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphagent.errors import PageError
from glyphagent.spans import pack_spans, unpack_spans

VALUE = st.integers(0, 2**31 - 1)


@given(st.lists(st.tuples(*[VALUE] * 6), max_size=30))
def test_any_spans_come_back(rows: list[tuple[int, ...]]) -> None:
    spans = np.array(rows, np.int32).reshape(-1, 6)
    packed = pack_spans(spans)
    assert json.loads(json.dumps(packed)) == packed
    if all(abs(number) < 2**31 for number in packed):
        assert np.array_equal(unpack_spans(packed), spans)


def test_spans_in_a_row_are_small_numbers() -> None:
    rows = [[n * 40, n * 40 + 40, 7, n * 41, n * 41 + 41, n + 1] for n in range(3)]
    packed = pack_spans(np.array(rows, np.int32))
    assert packed == [0, 40, 7, 0, 41, 1, 0, 40, 0, 0, 41, 1, 0, 40, 0, 0, 41, 1]


@pytest.mark.parametrize("packed", [[1], [0, 0, 0, 0, 0, True], [0, 0, 0, 0, 0, 2**31]])
def test_what_are_no_spans_is_refused(packed: list[int]) -> None:
    with pytest.raises(PageError, match="six whole numbers"):
        unpack_spans(packed)


def test_no_spans_are_no_numbers() -> None:
    assert pack_spans(np.zeros((0, 6), np.int32)) == []
    assert unpack_spans([]).shape == (0, 6)
