"""P values adjusted for their number, against statsmodels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmtools.analysis import multiplicity
from cmtools.errors import BadRequest

CASES = json.loads((Path(__file__).parent / "oracles" / "plain_functions.json").read_text())["p_values"]


@pytest.mark.parametrize("method", multiplicity.ADJUSTMENTS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: str(len(case["p"])))
def test_adjusted_p_values_equal_statsmodels(case: dict[str, Any], method: str) -> None:
    assert multiplicity.ADJUSTMENTS[method](case["p"]).tolist() == pytest.approx(case[method], abs=1e-12)


@pytest.mark.parametrize("method", multiplicity.ADJUSTMENTS)
@given(p=st.lists(st.floats(0, 1), max_size=12))
def test_adjusting_keeps_the_order_and_lowers_nothing(method: str, p: list[float]) -> None:
    adjusted = multiplicity.ADJUSTMENTS[method](p)
    assert np.all(adjusted >= np.array(p) * (1 - 1e-12))
    assert np.all(np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0)


@pytest.mark.parametrize("method", multiplicity.ADJUSTMENTS)
def test_what_is_missing_stays_missing_and_does_not_count(method: str) -> None:
    adjust = multiplicity.ADJUSTMENTS[method]
    found = adjust([0.02, np.nan, 0.04])
    assert np.isnan(found[1])
    assert found[[0, 2]].tolist() == pytest.approx(adjust([0.02, 0.04]).tolist())


def test_each_rule_finds_as_much_as_the_paper_says() -> None:
    # Benjamini & Hochberg (1995), section 3.2, fifteen comparisons: Bonferroni 3, Hochberg 3, theirs 4.
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528]
    p += [0.759, 1.0]
    found = {name: multiplicity.rejections(p, 0.05, name) for name in ("bonferroni", "hochberg", "benjamini_hochberg")}
    assert found == {"bonferroni": 3, "hochberg": 3, "benjamini_hochberg": 4}


def test_a_p_value_on_its_bound_is_rejected() -> None:
    assert multiplicity.rejections([0.3, 0.3, 0.3, 0.9], 0.4) == 3
    assert multiplicity.rejections([0.1 + 0.2, 0.9], 0.6, "bonferroni") == 1


@pytest.mark.parametrize("p", [[-0.1], [1.1]])
def test_what_is_no_probability_is_refused(p: list[float]) -> None:
    with pytest.raises(BadRequest):
        multiplicity.holm(p)


@pytest.mark.parametrize(("q", "method"), [(0.0, "holm"), (5, "holm"), (0.05, "fisher")])
def test_rejections_need_a_share_and_a_method(q: float, method: str) -> None:
    with pytest.raises(BadRequest):
        multiplicity.rejections([0.1], q, method)


@pytest.mark.parametrize(
    ("short", "name"),
    [
        ("bh", "benjamini_hochberg"),
        ("fdr_bh", "benjamini_hochberg"),
        ("by", "benjamini_yekutieli"),
        ("fdr_by", "benjamini_yekutieli"),
    ],
)
def test_the_short_names_of_benjaminis_methods_are_known(short: str, name: str) -> None:
    p = [0.001, 0.008, 0.039, 0.041, 0.2]
    assert multiplicity.rejections(p, 0.1, short) == multiplicity.rejections(p, 0.1, name)
