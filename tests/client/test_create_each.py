"""Creating with each draft's own outcome: one that is refused stops no other, and a second run doubles nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cmtools.client.client import Client
from cmtools.client.creation import LOT_DRAFTS, LOT_FILES, of_item
from cmtools.drafts import Drafts
from cmtools.errors import BadDraft, BadPicture, BadTag, Unreachable
from cmtools.model import Draft
from cmtools.testing import RunningService, running_service
from tests.widgets.fake_client import plain_picture


@pytest.fixture(scope="module")
def service() -> Iterator[RunningService]:
    with running_service() as running:
        yield running


@pytest.fixture
def client(service: RunningService, request: pytest.FixtureRequest) -> Client:
    """A client of a team of the test's own."""
    team = request.node.name.replace("_", "-")[:60]
    return service.client("ana", team=team, key=service.add_team(team))


def texts(count: int) -> list[Draft]:
    return [Draft(f"text {number}", str(number), "Text") for number in range(count)]


def pictures(folder: Path, count: int) -> list[Draft]:
    paths = [folder / f"{number}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_bytes(plain_picture(number, 40))
    return [Draft(path.name, path.stem, path=path) for path in paths]


def test_outcomes_are_named_by_the_place_of_the_draft(client: Client) -> None:
    drafts = [*texts(2), Draft(" ", "blank", "Text"), *[replace(draft, content="more") for draft in texts(3)[2:]]]
    (lot,) = client.create_each(drafts)
    assert list(lot.ids) == [0, 1, 3]
    assert {place: str(error) for place, error in lot.errors.items()} == {2: "content: it is empty"}
    assert [client.get_review(id).content_id for id in lot.ids.values()] == ["0", "1", "2"]


def test_a_file_that_is_no_picture_costs_only_itself(client: Client, tmp_path: Path) -> None:
    drafts = pictures(tmp_path, 3)
    (tmp_path / "1.jpg").write_bytes(b"no picture")
    (lot,) = client.create_each(drafts)
    assert list(lot.ids) == [0, 2]
    assert isinstance(lot.errors[1], BadPicture)


def test_what_the_service_refuses_is_told_without_its_place_and_the_rest_is_created(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = client._create_batch

    def refusing(items: list, subteam: str | None) -> tuple[list[str], int]:
        bad = [place for place, item in enumerate(items) if item.draft.content_id in ("1", "3")]
        if bad:
            raise BadDraft("it is not wanted", where=f"[{bad[0]}].ContentId")
        return create(items, subteam)

    monkeypatch.setattr(client, "_create_batch", refusing)
    (lot,) = client.create_each(texts(5))
    assert list(lot.ids) == [0, 2, 4]
    assert {place: str(error) for place, error in lot.errors.items()} == {
        1: "ContentId: it is not wanted",
        3: "ContentId: it is not wanted",
    }


def test_many_come_in_lots_so_that_a_caller_can_stop_between_them(client: Client) -> None:
    lots = client.create_each(texts(2 * LOT_DRAFTS + 1))
    assert len(next(lots).ids) == LOT_DRAFTS
    lots.close()
    assert client.counts("Text").pending == LOT_DRAFTS


def test_files_come_in_smaller_lots(client: Client, tmp_path: Path) -> None:
    assert [len(lot.ids) for lot in client.create_each(pictures(tmp_path, LOT_FILES + 1))] == [LOT_FILES, 1]


def test_a_second_run_finds_the_reviews_of_the_first_whichever_way_they_were_made(client: Client) -> None:
    drafts = texts(4)
    first = client.create_reviews(drafts[:3], progress=False)
    (lot,) = client.create_each(drafts)
    assert [lot.ids[place] for place in range(3)] == first
    assert lot.existed == 3
    assert client.counts("Text").pending == 4


def test_a_tag_that_the_team_does_not_have_stops_it_before_anything_is_created(client: Client) -> None:
    drafts = Drafts(texts(2), tag_codes=["spam"])
    with pytest.raises(BadTag, match="spam"):
        next(client.create_each(drafts))
    assert client.counts("Text").pending == 0
    assert len(next(client.create_each(drafts, new_tags=True)).ids) == 2
    assert "spam" in client.team().tags


def test_a_service_that_is_gone_is_an_error_and_not_an_outcome(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise Unreachable("nobody answers")

    monkeypatch.setattr(client, "_create_batch", gone)
    with pytest.raises(Unreachable):
        list(client.create_each(texts(1)))


def test_no_drafts_make_no_lots(client: Client) -> None:
    assert list(client.create_each([])) == []


@pytest.mark.parametrize(
    ("error", "place"),
    [(BadDraft("no", where="[7].Type"), 7), (BadDraft("no", where="[12]"), 12), (BadDraft("no"), None)],
)
def test_an_errors_item_is_read_from_its_place(error: BadDraft, place: int | None) -> None:
    assert of_item(error)[0] == place


def test_an_error_of_the_service_is_no_items_whatever_it_says() -> None:
    assert of_item(Unreachable("[3].x: gone"))[0] is None
