"""Tags and tag sets: what the doctests leave out, above all what a threshold may be."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cmtools.errors import BadTag
from cmtools.tags import Tag, TagSet


@pytest.mark.parametrize("threshold", [0, 1, 0.7, np.float64(0.7), np.float32(0.5), np.int64(1)])
def test_threshold_is_any_number_from_0_to_1_and_becomes_a_plain_one(threshold: float) -> None:
    kept = Tag("a", threshold=threshold).threshold
    assert (type(kept), kept) == (float, threshold)


@pytest.mark.parametrize("threshold", [-0.01, 1.01, math.nan, math.inf, True, "0.7", [0.7]])
def test_threshold_that_is_none_is_refused_with_its_value(threshold: object) -> None:
    with pytest.raises(BadTag) as caught:
        Tag("a", threshold=threshold)  # type: ignore[arg-type]
    assert str(caught.value).startswith(f"the threshold of 'a' is {threshold!r}: it takes a number from 0 to 1")


def test_set_knows_the_thresholds_of_the_tags_that_have_one() -> None:
    assert TagSet([Tag("SC", threshold=0.0), Tag("a", threshold=0.7), Tag("x")]).thresholds == {"a": 0.7, "SC": 0.0}
    assert TagSet().thresholds == {}
