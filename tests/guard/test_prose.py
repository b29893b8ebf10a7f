"""Right answers in natural prose stay unmarked; with a mistake in them they do not.

On the development answers only: the others are scored by `python -m tests.guard.score_prose`.
"""

from __future__ import annotations

import pytest

from tests.guard.answers import Shelf, shelves
from tests.guard.score_prose import measure


@pytest.mark.parametrize("shelf", shelves("development"), ids=lambda shelf: shelf.name)
def test_natural_prose_is_marked_where_it_is_wrong(shelf: Shelf) -> None:
    if not shelf.fits:
        pytest.skip(f"the answers cite lines of {shelf.name} {shelf.release}")
    tally = measure([shelf], each=1, seed=1)
    assert sum(tally.made.values()) >= 20
    assert not tally.falsely, tally.falsely[0]
    assert not tally.unmarked, tally.unmarked[0]
    # What is only listed got by unmarked: a fifth at most, so that listing all is no way out.
    assert 5 * sum(tally.listed.values()) <= sum(tally.made.values()), tally.listed
