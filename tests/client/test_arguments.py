"""What callers give to `Client` by mistake: told by name before any call, never as an error of Python's own."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from cmtools.client import arguments
from cmtools.client.client import Client
from cmtools.errors import BadDraft, BadPicture, BadRequest, BadTag, CmtoolsError
from cmtools.model import Combine, Condition, CreateReview, Draft, Frame, Lease, Logic, Review, TagRule, Term

from .conftest import Reply, StandIn, refusal

LEASE = Lease("l1", "ana", "Image", datetime(2026, 3, 1, tzinfo=UTC), token="t0k")
REVIEW = Review("r1", "Pending", "Image", "https://x.org/1.png", "1")
STREAM = "https://x.org/talk"
SHOT = "https://x.org/0.png"
ADULT = {"Type": "Condition", "OutputName": "isAdult", "Operator": "eq", "Value": "true"}
Call = Callable[[Client], object]

BY_ID: dict[str, Callable[[Client, str], object]] = {
    "get_review": lambda c, id: c.get_review(id),
    "picture": lambda c, id: c.picture(id),
    "thumbnails": lambda c, id: c.thumbnails([id]),
    "move": lambda c, id: c.move(id, "night"),
    "publish": lambda c, id: c.publish(id),
    "frames": lambda c, id: c.frames(id),
    "add_frames": lambda c, id: c.add_frames(id, [(0, SHOT)], progress=False),
    "transcript": lambda c, id: c.transcript(id),
    "add_transcript": lambda c, id: c.add_transcript(id, "WEBVTT"),
    "add_transcript_terms": lambda c, id: c.add_transcript_terms(id, []),
    "job": lambda c, id: c.job(id),
    "wait_jobs": lambda c, id: c.wait_jobs([id], progress=False),
    "workflow": lambda c, id: c.workflow(id),
    "put_workflow": lambda c, id: c.put_workflow(id, ADULT),
    "set_threshold": lambda c, id: c.set_threshold(id, 0.5),
    "remove_tag": lambda c, id: c.remove_tag(id),
    "revoke_key": lambda c, id: c.revoke_key(id),
}
"""Every operation that puts an id or a name into an address."""


@pytest.fixture
def nobody_is_called(stand_in: StandIn) -> Iterator[None]:
    yield
    assert stand_in.asked == []


def told(caller: Client, call: Call, error: type[CmtoolsError] = BadRequest) -> str:
    with pytest.raises(error) as caught:
        call(caller)
    return str(caught.value)


# Ids and names --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize("call", BY_ID.values(), ids=BY_ID)
@pytest.mark.parametrize("id", ["", "  "])
def test_missing_id_is_told(caller: Client, call: Callable[[Client, str], object], id: str) -> None:
    assert " is missing" in told(caller, lambda c: call(c, id))


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize("call", BY_ID.values(), ids=BY_ID)
@pytest.mark.parametrize("id", [".", ".."])
def test_dots_are_no_id(caller: Client, call: Callable[[Client, str], object], id: str) -> None:
    assert told(caller, lambda c: call(c, id)).startswith("there is no ")


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize("call", BY_ID.values(), ids=BY_ID)
@pytest.mark.parametrize("id", [None, 7, b"r1", ["r1"]])
def test_id_that_is_no_text_is_told(caller: Client, call: Callable[[Client, object], object], id: object) -> None:
    assert told(caller, lambda c: call(c, id)).endswith("give text (str)")


def test_ids_with_dots_and_slashes_in_them_are_ids(caller: Client, stand_in: StandIn) -> None:
    for id in ("a.b", "...", "a/../b"):
        caller.publish(id)
    assert [asked.path.split("/reviews/")[1] for asked in stand_in.asked] == [
        *("a.b/publish", ".../publish", "a%2F..%2Fb/publish")
    ]


@pytest.mark.usefixtures("nobody_is_called")
def test_review_in_place_of_its_id_is_told_so(caller: Client) -> None:
    assert told(caller, lambda c: c.get_review(REVIEW)) == "the review id is of type Review: give its .id"  # type: ignore[arg-type]
    assert "ids[1] is of type Review: give its .id" in told(caller, lambda c: c.wait(["r1", REVIEW]))  # type: ignore[list-item]


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize("ids", [None, 7, b"r1"])
def test_ids_that_are_no_list_are_told(caller: Client, ids: object) -> None:
    calls: list[Call] = [
        lambda c: c.wait(ids, progress=False),  # type: ignore[arg-type]
        lambda c: c.wait_jobs(ids, progress=False),  # type: ignore[arg-type]
        lambda c: c.thumbnails(ids),  # type: ignore[arg-type]
    ]
    for call in calls:
        assert told(caller, call).startswith(f"ids is {ids!r}: give a list")


@pytest.mark.usefixtures("nobody_is_called")
def test_team_that_is_dots_is_told(connect: Callable[..., Client], stand_in: StandIn) -> None:
    assert told(connect(stand_in.url, team=".."), lambda c: c.team()) == "there is no team '..'"


@pytest.mark.parametrize(("given", "text"), [(7, "7"), (np.int64(7), "7"), (UUID(int=7), str(UUID(int=7))), ("7", "7")])
def test_own_id_may_be_a_number(given: object, text: str) -> None:
    assert arguments.own_id(given) == text


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize("given", [None, True, 7.0, ["7"]])
def test_own_id_that_is_none_is_refused(caller: Client, given: object) -> None:
    for call in (
        lambda c: c.create_video_review(STREAM, given),
        lambda c: c.create_job(SHOT, content_id=given),
    ):
        assert told(caller, call, BadDraft).startswith("content_id: ")


# Waiting --------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize("status", ["Done", "", None])
def test_unknown_status_is_told_with_those_there_are(caller: Client, status: str) -> None:
    said = f"there is no status {status!r}; there are Pending, Complete, Unpublished"
    assert told(caller, lambda c: c.wait(["r1"], status=status)) == said


@pytest.mark.usefixtures("nobody_is_called")
def test_unknown_status_is_told_of_named_reviews_too(caller: Client) -> None:
    assert "there is no status 'Done'" in told(caller, lambda c: list(c.reviews(status="Done", ids=["r1"])))


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize("timeout", [-1, float("nan"), "5", True])
def test_time_that_is_none_is_told(caller: Client, timeout: float) -> None:
    for call in (
        lambda c: c.wait(["r1"], timeout=timeout, progress=False),
        lambda c: c.wait_jobs(["j1"], timeout=timeout, progress=False),
    ):
        assert told(caller, call) == f"timeout is {timeout!r}; it must be a number of seconds, 0 or more, or None"


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), "5", None])
def test_time_of_a_client_that_is_none_is_told(connect: Callable[..., Client], timeout: object) -> None:
    with pytest.raises(BadRequest, match="it must be a number of seconds above 0"):
        connect("http://127.0.0.1:1", timeout=timeout)


# Videos ---------------------------------------------------------------------------------------------------------------


def test_transcript_may_be_bytes(caller: Client, stand_in: StandIn) -> None:
    caller.add_transcript("v1", "WEBVTT\n\nça".encode())
    assert stand_in.asked[0].body.decode() == "WEBVTT\n\nça"


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize("given", [None, 7, ["WEBVTT"]])
def test_transcript_of_another_type_is_told(caller: Client, given: object) -> None:
    assert "give WebVTT as text or bytes, a Path or an open file" in told(
        caller,
        lambda c: c.add_transcript("v1", given),  # type: ignore[arg-type]
    )


@pytest.mark.usefixtures("nobody_is_called")
def test_transcript_that_cannot_be_read_is_told(caller: Client, tmp_path: Path) -> None:
    closed = io.StringIO("WEBVTT")
    closed.close()
    assert "cannot be read (ValueError)" in told(caller, lambda c: c.add_transcript("v1", closed))
    (tmp_path / "latin.vtt").write_bytes(b"WEBVTT\xe7")
    with (tmp_path / "latin.vtt").open(encoding="utf-8") as file:
        assert "cannot be read (UnicodeDecodeError)" in told(caller, lambda c: c.add_transcript("v1", file))


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize("terms", [None, "crap", Term("1", 0, "crap"), [("1", 0)], ["abc"]])
def test_terms_that_are_none_are_told(caller: Client, terms: object) -> None:
    said = told(caller, lambda c: c.add_transcript_terms("v1", terms))  # type: ignore[arg-type]
    assert said.startswith("terms")
    assert "('101', 3, 'crap')" in said


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize(
    ("frames", "place"),
    [
        (None, "frames: "),
        (SHOT, "frames: "),
        (Frame(0, SHOT), "frames: "),
        ([(0, SHOT), (1, None)], "frames[1].image: "),
        ([(0, b"GIF89a")], "frames[0].image: "),
        ([(0, "")], "frames[0].image: "),
        ([(0, SHOT, "a")], "frames[0]: "),
        ([Frame(0, SHOT, metadata="a")], "frames[0].metadata: "),  # type: ignore[arg-type]
        ([Frame(0, SHOT, metadata={"sc": "True"})], "frames[0].metadata: "),  # type: ignore[arg-type]
        ([Frame(0, SHOT, metadata=("isscreenshot",))], "frames[0].metadata: "),  # type: ignore[arg-type]
        ([Frame(0, "0.png", path="0.png")], "frames[0].path: '0.png' is no Path"),  # type: ignore[arg-type]
        ([(0, "~nobody-of-that-name/0.png")], "frames[0].path: "),
    ],
)
def test_frames_that_are_none_are_told(caller: Client, frames: object, place: str) -> None:
    for call in (
        lambda c: c.add_frames("v1", frames, progress=False),
        lambda c: c.create_video_review(STREAM, "talk", frames=frames),
    ):
        assert told(caller, call, BadDraft).startswith(place)


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize("threshold", [1.5, float("nan"), "0.7", True])
def test_threshold_that_is_none_is_told(caller: Client, threshold: object) -> None:
    calls: list[Call] = [
        lambda c: c.set_threshold("a", threshold),  # type: ignore[arg-type]
        lambda c: c.add_tag("a", threshold=threshold),  # type: ignore[arg-type]
    ]
    for call in calls:
        assert told(caller, call, BadTag).startswith(f"the threshold of 'a' is {threshold!r}: it takes a number")


@pytest.mark.usefixtures("nobody_is_called")
def test_short_code_that_is_no_text_is_told(caller: Client) -> None:
    assert told(caller, lambda c: c.add_frames("v1", [(0, SHOT, {7: True})]), BadTag).startswith("frames[0]: ")


def test_moment_of_a_table_is_a_moment(caller: Client, stand_in: StandIn) -> None:
    caller.add_frames("v1", [(np.int64(500), SHOT)], progress=False)
    assert stand_in.asked[0].json()[0]["Timestamp"] == "500"  # type: ignore[index]


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize("metadata", ["abc", None, ["ab"], [("a",)], 7, {"a": None}, {7: "x"}])
def test_metadata_that_is_none_is_told_without_showing_it(caller: Client, metadata: object) -> None:
    said = told(caller, lambda c: c.create_video_review(STREAM, "1", metadata=metadata), BadDraft)  # type: ignore[arg-type]
    assert said.startswith("metadata")
    assert "abc" not in said


@pytest.mark.parametrize(
    ("given", "text"),
    [(True, "True"), (np.False_, "False"), (0.5, "0.5"), (np.float64(0.5), "0.5"), (3, "3"), ("true", "true")],
)
def test_booleans_and_numbers_of_metadata_become_text(given: object, text: str) -> None:
    assert arguments.pairs_of({"a": given}) == arguments.pairs_of([("a", given)]) == (("a", text),)


@pytest.mark.parametrize(
    ("status", "sent"), [("pending", "Pending"), ("PENDING", "Pending"), (" unpublished ", "Unpublished")]
)
def test_status_of_a_new_video_may_be_in_any_case(caller: Client, stand_in: StandIn, status: str, sent: str) -> None:
    stand_in.always = lambda _: Reply(body=["id"])
    caller.create_video_review(STREAM, 7, status=status)
    (item,) = stand_in.asked[0].json()  # type: ignore[misc]
    assert (item.get("Status", "Pending"), item["ContentId"]) == (sent, "7")


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda c: c.create_video_review("talk", "1"), "content: 'talk' is no address"),
        (lambda c: c.create_video_review(STREAM, "1", status="Complete"), "status: a draft of type Video can be"),
        (lambda c: c.create_review(Draft("cat.jpg", "1")), "content: 'cat.jpg' is no address"),
        (lambda c: c.create_review("cat.jpg"), "it is no Draft but of type str"),
    ],
)
def test_single_draft_is_not_called_the_first_of_a_list(caller: Client, call: Call, said: str) -> None:
    assert told(caller, call, BadDraft).startswith(said)


def test_single_draft_that_the_service_refuses_is_not_called_the_first_of_a_list(
    caller: Client, stand_in: StandIn
) -> None:
    stand_in.always = lambda _: refusal(400, "BadDraft", "[0].Content: no")
    said = told(caller, lambda c: c.create_review(Draft(STREAM, "1")), BadDraft)
    assert said == "Content: no - no review was created"


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize(
    ("draft", "place"),
    [
        (Draft(SHOT, "1", metadata={"sc": "True"}), "drafts[0].metadata: "),  # type: ignore[arg-type]
        (Draft("1.png", "1", path="1.png"), "drafts[0].path: '1.png' is no Path"),  # type: ignore[arg-type]
        (Draft(SHOT, "1", weight="x"), "drafts[0].weight: "),  # type: ignore[arg-type]
        (Draft(STREAM, "1", "Video", frames=None), "drafts[0].frames: "),  # type: ignore[arg-type]
        (Draft(STREAM, "1", "Video", frames=((0, SHOT),)), "drafts[0].frames[0]: "),  # type: ignore[arg-type]
    ],
)
def test_draft_with_a_part_of_another_type_is_told(caller: Client, draft: Draft, place: str) -> None:
    assert told(caller, lambda c: c.create_reviews([draft]), BadDraft).startswith(place)


# Tags of frames -------------------------------------------------------------------------------------------------------


def with_team(stand_in: StandIn) -> list[str]:
    """Lets the stand-in answer as a team with the tag sc; the last parts of the addresses that were asked for."""
    team = {"name": "demo", "tags": [{"short_code": "sc", "name": "isscreenshot"}], "subteams": ["public"]}
    stand_in.always = lambda asked: (
        Reply(body=["id"])
        if asked.path.endswith("/reviews")
        else Reply(204)
        if asked.path.endswith("/frames")
        else Reply(body=team)
    )
    return [asked.path.rpartition("/")[2] for asked in stand_in.asked]


MAKING: dict[str, Callable[..., object]] = {
    "add_frames": lambda c, frames, **options: c.add_frames("v1", frames, progress=False, **options),
    "create_video_review": lambda c, frames, **options: c.create_video_review(STREAM, "1", frames=frames, **options),
}


@pytest.mark.parametrize("make", MAKING.values(), ids=MAKING)
def test_tag_of_a_frame_that_the_team_does_not_have_is_refused(
    caller: Client, stand_in: StandIn, make: Callable[..., object]
) -> None:
    with_team(stand_in)
    with pytest.raises(BadTag, match=r"no tag 'zz'; it has a, r, sc\."):
        make(caller, [(0, SHOT, {"SC": True}), (1, SHOT, {"zz": True})])
    assert [asked.method for asked in stand_in.asked] == ["GET"]


@pytest.mark.parametrize("make", MAKING.values(), ids=MAKING)
def test_new_tags_of_frames_are_added_when_that_is_wanted(
    caller: Client, stand_in: StandIn, make: Callable[..., object]
) -> None:
    with_team(stand_in)
    make(caller, [(0, SHOT, {"zz": True})], new_tags=True)
    assert with_team(stand_in)[:2] == ["demo", "tags"]
    assert stand_in.asked[1].json()["short_code"] == "zz"  # type: ignore[index]
    assert len(stand_in.asked) == 3


@pytest.mark.parametrize("make", MAKING.values(), ids=MAKING)
def test_tags_that_every_team_has_are_not_asked_for(
    caller: Client, stand_in: StandIn, make: Callable[..., object]
) -> None:
    with_team(stand_in)
    make(caller, [(0, SHOT, {"a": True, "R": False})])
    assert [asked.method for asked in stand_in.asked] == ["POST"]


@pytest.mark.parametrize("make", MAKING.values(), ids=MAKING)
def test_metadata_of_a_frame_is_free(caller: Client, stand_in: StandIn, make: Callable[..., object]) -> None:
    with_team(stand_in)
    make(caller, [Frame(0, SHOT, metadata=(("zz", "True"),))])
    assert [asked.method for asked in stand_in.asked] == ["POST"]


@pytest.mark.parametrize("make", MAKING.values(), ids=MAKING)
def test_no_tag_is_added_for_frames_that_cannot_be(
    caller: Client, stand_in: StandIn, make: Callable[..., object]
) -> None:
    with pytest.raises(BadDraft, match=r"frames\[0\]\.timestamp"):
        make(caller, [(-1, SHOT, {"zz": True})], new_tags=True)
    assert stand_in.asked == []


# Jobs and workflows ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize("expression", ["s", None, 7, ["s"]])
def test_workflow_that_is_none_is_told(caller: Client, expression: object) -> None:
    said = told(caller, lambda c: c.put_workflow("x", expression))  # type: ignore[arg-type]
    assert said.startswith(f"expression: the expression is of type {type(expression).__name__}")


@pytest.mark.parametrize(
    "condition", [Condition("isAdult"), Combine(Condition("isAdult"), Condition("isRacy"))], ids=["one", "two"]
)
def test_condition_alone_is_a_workflow(caller: Client, stand_in: StandIn, condition: Condition | Combine) -> None:
    caller.put_workflow("x", condition)
    caller.put_workflow("x", Logic(condition))
    bare, whole = (asked.json() for asked in stand_in.asked)
    assert bare == whole


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize(
    ("expression", "said"),
    [
        (Logic("isAdult"), "expression.condition: it is of type str: give a Condition or a Combine"),
        (Combine(Condition("isAdult"), None), "expression.condition.right: it is of type NoneType"),
        (Logic(Condition("isAdult"), CreateReview()), "expression.then: it is of type CreateReview: give a tuple"),
        (Logic(Condition("isAdult"), (), ("night",)), "expression.otherwise[0]: it is of type str"),
        (Logic(Condition("isAdult"), (CreateReview(tags=("a",)),)), "expression.then[0].tags[0]: it is of type str"),
        (
            Logic(Condition("isAdult"), (CreateReview(tags=(TagRule("a", "isAdult"),)),)),
            "expression.then[0].tags[0].condition: it is of type str",
        ),
    ],
)
def test_part_of_a_rule_that_is_none_is_told_by_its_place(caller: Client, expression: object, said: str) -> None:
    assert told(caller, lambda c: c.put_workflow("x", expression)).startswith(said)  # type: ignore[arg-type]


ASKING: dict[str, Callable[[Client, object], object]] = {
    "create_job": lambda c, content: c.create_job(content, content_id="1"),  # type: ignore[arg-type]
    "create_job, lower case": lambda c, content: c.create_job(content, content_id="1", type="image"),  # type: ignore[arg-type]
    "evaluate": lambda c, content: c.evaluate(content),  # type: ignore[arg-type]
    "tag": lambda c, content: c.tag(content),  # type: ignore[arg-type]
}


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize("ask", ASKING.values(), ids=ASKING)
def test_name_of_a_file_is_no_address(caller: Client, ask: Callable[[Client, object], object], tmp_path: Path) -> None:
    said = told(caller, lambda c: ask(c, "f.png"), BadDraft)
    assert "'f.png' is no address" in said
    assert said.endswith("a file is given as Path('f.png')")
    path = tmp_path / "f.png"
    path.write_bytes(b"GIF89a")
    assert told(caller, lambda c: ask(c, str(path)), BadDraft).endswith(
        f"there is such a file: give Path({str(path)!r})"
    )


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize("ask", [*ASKING.values(), lambda c, picture: c.upload(picture)], ids=[*ASKING, "upload"])
@pytest.mark.parametrize("content", [None, 7, ["f.png"]])
def test_picture_of_another_type_is_told(
    caller: Client, ask: Callable[[Client, object], object], content: object
) -> None:
    assert told(caller, lambda c: ask(c, content), BadPicture).endswith("give an address, a Path or bytes")


def test_text_of_a_job_may_be_any_text(caller: Client, stand_in: StandIn) -> None:
    stand_in.always = lambda _: Reply(body={"JobId": "j1"})
    assert caller.create_job("f.png", content_id=7, type="text") == "j1"  # type: ignore[arg-type]
    assert "ContentType=Text&ContentId=7&" in stand_in.asked[0].path


@pytest.mark.usefixtures("nobody_is_called")
def test_text_to_screen_that_is_none_is_told(caller: Client) -> None:
    assert told(caller, lambda c: c.screen(None)) == "the text is None: give text (str)"  # type: ignore[arg-type]


# Reviewing ------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nobody_is_called")
def test_id_in_place_of_a_lease_or_submission_is_told(caller: Client) -> None:
    calls: list[Call] = [
        lambda c: c.submit("l1", {"r1": {}}),  # type: ignore[arg-type]
        lambda c: c.save("l1", {"r1": {}}),  # type: ignore[arg-type]
        lambda c: c.renew("l1"),  # type: ignore[arg-type]
        lambda c: c.resume("l1"),  # type: ignore[arg-type]
        lambda c: c.release("l1"),  # type: ignore[arg-type]
    ]
    for call in calls:
        assert told(caller, call) == "the lease is of type str: give what client.checkout() gave"
    assert "give what client.submit(...) gave" in told(caller, lambda c: c.undo("s1"))  # type: ignore[arg-type]


@pytest.mark.usefixtures("nobody_is_called")
@pytest.mark.parametrize(
    ("answers", "frames", "place"),
    [
        (None, None, "answers: "),
        (["r1"], None, "answers: "),
        ({"r1": None}, None, "r1: "),
        ({"r1": "a"}, None, "r1: "),
        ({"r1": {}}, [500], "frames: "),
        ({"r1": {}}, {"r1": 500}, "frames.r1: "),
        ({"r1": {}}, {"r1": {500: "a"}}, "r1.500: "),
    ],
)
def test_answers_that_are_none_are_told(caller: Client, answers: object, frames: object, place: str) -> None:
    assert told(caller, lambda c: c.submit(LEASE, answers, frames)).startswith(place)  # type: ignore[arg-type]
