"""Links: addresses of pictures that work without a key, for one name, in one team, until one moment."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from cmtools.errors import NotAuthorized, NotFound
from cmtools.model import Actor
from cmtools.service import links
from cmtools.store import teams

from .conftest import BASE, Desk


@pytest.fixture(autouse=True)
def prepared(desk: Desk) -> None:
    desk.store.write(links.prepare)


def made(desk: Desk, base: str = BASE) -> links.Links:
    return desk.run(lambda ctx: links.open_links(ctx, base))


def parts(address: str) -> dict[str, str]:
    """What an address says: name, expires and signature."""
    split = urlsplit(address)
    return {"name": split.path.rpartition("/")[2], **dict(parse_qsl(split.query))}


def bearer(desk: Desk, team: str = "demo", **said: str) -> Actor:
    return desk.run(lambda ctx: links.bearer(ctx.connection, team, now=ctx.now, **said))


def test_link_lets_its_bearer_read_and_nothing_else(desk: Desk) -> None:
    actor = bearer(desk, **parts(made(desk).of_review("202601i7")))
    assert (actor.team, actor.role, actor.reviewer) == ("demo", "auditor", None)


def test_link_names_review_and_frame_as_the_vendors_storage_did(desk: Desk) -> None:
    path = f"{BASE}/cmtools/v1/teams/demo/media/"
    assert made(desk).of_review("202601i7").startswith(f"{path}IMG_202601i7?expires=")
    assert made(desk).of_frame("202601v7", 833).startswith(f"{path}FRM_202601v7_833.jpg?expires=")


@pytest.mark.parametrize(
    "change",
    [
        {"name": "IMG_202601i8"},
        {"name": "img_202601i7"},
        {"expires": "99999999999"},
        {"expires": ""},
        {"expires": "x"},
        {"signature": ""},
        {"signature": "é" * 43},
        {"signature": "A" * 43},
        {"team": "other"},
    ],
    ids=str,
)
def test_changed_link_is_refused(desk: Desk, change: dict[str, str]) -> None:
    said = {**parts(made(desk).of_review("202601i7")), **change}
    with pytest.raises(NotAuthorized, match="not signed by the service: GET the review again"):
        bearer(desk, **said)


def test_link_works_until_its_last_second_and_then_says_so(desk: Desk) -> None:
    said = parts(made(desk).of_review("202601i7"))
    desk.clock.advance(desk.settings.content_link_seconds - 0.001)
    assert bearer(desk, **said).team == "demo"
    desk.clock.advance(0.001)
    with pytest.raises(NotAuthorized, match="worked until 2026-01-01 13:00:00 UTC: GET the review again"):
        bearer(desk, **said)


def test_team_is_read_in_any_case(desk: Desk) -> None:
    assert bearer(desk, "Demo", **parts(made(desk).of_review("202601i7"))).team == "demo"


def test_secret_is_made_once(desk: Desk) -> None:
    said = parts(made(desk).of_review("202601i7"))
    desk.store.write(links.prepare)
    assert bearer(desk, **said).team == "demo"
    assert desk.store.read(links.prepared)


def test_secret_is_not_the_one_behind_the_keys(desk: Desk) -> None:
    from cmtools.service.auth import PEPPER

    first, second = desk.run(lambda ctx: [teams.get_setting(ctx.connection, n) for n in (PEPPER, links.SIGNED_WITH)])
    assert first != second
    assert len(second or "") == 64


def test_secret_is_in_no_text_of_the_links(desk: Desk) -> None:
    assert made(desk).secret.hex() not in repr(made(desk))


def test_service_without_a_secret_lets_no_link_in(desk: Desk) -> None:
    said = parts(made(desk).of_review("202601i7"))
    desk.run(lambda ctx: ctx.connection.exec_driver_sql(f"DELETE FROM settings WHERE name = '{links.SIGNED_WITH}'"))
    with pytest.raises(NotAuthorized):
        bearer(desk, **said)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("IMG_202601i7", ("202601i7", None)),
        ("FRM_202601v7_833.jpg", ("202601v7", 833)),
        ("FRM_202601v7_0", ("202601v7", 0)),
        ("FRM_202601v7_0.PNG", ("202601v7", 0)),
    ],
)
def test_name_says_which_picture(name: str, meant: tuple[str, int | None]) -> None:
    assert links.read_name(name) == meant


@pytest.mark.parametrize("name", ["", "IMG_", "IMG_x.jpg", "FRM_7", "FRM_7_", "FRM_7_-1.jpg", "FRM_7_٣.jpg", "IMG_7\n"])
def test_other_names_stand_for_nothing(name: str) -> None:
    with pytest.raises(NotFound):
        links.read_name(name)
