"""How drafts become reviews, all or none."""

from __future__ import annotations

import re

import pytest

from cmtools.errors import BadDraft, BadRequest, NotFound
from cmtools.model import Draft
from cmtools.service import reviews
from cmtools.wire.creation import Incoming

from .conftest import BASE, Desk


def create(desk: Desk, *items: Incoming, subteam: str | None = None) -> tuple[list[str], int]:
    return desk.run(lambda ctx: reviews.create(ctx, items, subteam, BASE))


def image(n: int = 0, key: str | None = None, **fields: object) -> Incoming:
    return Incoming(Draft(f"https://x.org/{n}.jpg", str(n), **fields), key)


def test_id_is_month_letter_and_32_hexadecimal_digits(desk: Desk) -> None:
    text = Incoming(Draft("some words", "t1", type="Text"))
    (first, second), created = create(desk, image(), text)
    assert re.fullmatch(r"202601i[0-9a-f]{32}", first)
    assert re.fullmatch(r"202601t[0-9a-f]{32}", second)
    assert created == 2
    assert desk.get(second).type == "Text"


def test_one_bad_item_refuses_them_all_and_is_named(desk: Desk) -> None:
    picture = Incoming(Draft(f"media:{'0' * 40}", "2"))
    with pytest.raises(BadDraft) as caught:
        create(desk, image(), picture)
    assert caught.value.where == "[1].Content"
    assert desk.run(lambda ctx: reviews.counts(ctx, None, None)).total == 0


def test_same_key_makes_no_second_review(desk: Desk) -> None:
    first, _ = create(desk, image(1, "k1"), image(2, "k2"))
    again, created = create(desk, image(2, "k2"), image(3, "k3"), image(1, "k1"))
    assert (again[0], again[2], created) == (first[1], first[0], 1)
    assert desk.actions().count("create") == 3


def test_same_key_twice_in_one_batch_is_a_mistake(desk: Desk) -> None:
    with pytest.raises(BadDraft, match="two items"):
        create(desk, image(1, "k"), image(2, "k"))


def test_unknown_subteam_is_refused(desk: Desk) -> None:
    with pytest.raises(BadRequest, match="no subteam"):
        create(desk, image(), subteam="nope")


def test_auto_tags_are_the_tags_that_metadata_names(desk: Desk) -> None:
    (id,), _ = create(desk, image(metadata=(("R", "true"), ("r.score", "0.9"), ("camera", "x"), ("a", "unsure"))))
    review = desk.get(id)
    assert (review.auto_tags, review.scores) == ({"r": True}, {"r": 0.9})


def test_picture_that_was_never_uploaded_is_refused(desk: Desk) -> None:
    address = f"{BASE}/cmtools/v1/teams/demo/pictures/{'0' * 40}"
    with pytest.raises(BadDraft, match="upload it first"):
        create(desk, Incoming(Draft(address, "1")))


def test_status_filter_counts_what_is_under_way_as_pending(desk: Desk) -> None:
    ids = desk.create(3)
    desk.submit(desk.checkout(1))
    desk.checkout(1)

    def listed(status: str | None) -> list[str]:
        found, _ = desk.run(lambda ctx: reviews.page(ctx, status, None, None, 0, 100, BASE))
        return [review.id for review in found]

    assert listed("pending") == ids
    desk.pass_time(5)
    assert (listed("Complete"), listed("Pending"), listed(None)) == (ids[:1], ids[1:], ids)
    with pytest.raises(BadRequest, match="no status 'done'"):
        listed("done")


def test_review_of_another_team_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound, match="no review 'nope'"):
        desk.get("nope")
