"""Each operation of `Client`: what it asks the service for and what it makes of the answer."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest
import requests

from cmtools.client.client import Client
from cmtools.client.creation import BATCH_DRAFTS
from cmtools.client.jobs import TAGGER_SECONDS
from cmtools.errors import BadPicture, BadRequest, BadTag, LeaseLost, NotFound, ServiceError, Timeout, UnknownTeam
from cmtools.model import Draft, Lease, Review, Submission
from cmtools.outgoing.policy import Policy
from cmtools.taggers.patience import MOST_TRIES, MOST_WAIT_SECONDS
from cmtools.taggers.rest import ANSWER_SECONDS
from cmtools.wire import own

from .conftest import Asked, Reply, StandIn, refusal

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = Lease("l1", "ana", "Image", NOW, token="t0k")
EVALUATED = (
    "AdultClassificationScore",
    "IsImageAdultClassified",
    "RacyClassificationScore",
    "IsImageRacyClassified",
)
EMPTY = Lease("", "ana", "Image", NOW)
WITHOUT_TOKEN = Lease("l1", "ana", "Image", NOW)
TEAM = {"name": "demo", "tags": [{"short_code": "sc", "name": "isscreenshot"}], "subteams": ["public", "mail"]}


def review(number: int) -> Review:
    return Review(f"r{number}", "Pending", "Image", f"https://x/{number}", str(number))


def created(asked: Asked) -> Reply:
    """The answer to a create request: an id for each item, all of them new."""
    items = json.loads(asked.body)
    return Reply(body=[f"id-{item['ContentId']}" for item in items], headers={own.CREATED_HEADER: str(len(items))})


class Drafts(list[Draft]):
    """A list of drafts that says which keys are meant as tags, as `make_drafts` makes it."""

    tag_codes = frozenset({"zz", "sc"})


# Making a client


def test_making_a_client_calls_nobody(caller: Client, stand_in: StandIn) -> None:
    assert stand_in.asked == []


@pytest.mark.parametrize(
    ("url", "key", "team", "variable"),
    [("", "k", "t", "CMTOOLS_URL"), ("http://x", "", "t", "CMTOOLS_KEY"), ("http://x", "k", " ", "CMTOOLS_TEAM")],
)
def test_what_is_missing_is_named_with_its_argument_and_variable(
    url: str, key: str, team: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CMTOOLS_URL", "CMTOOLS_KEY", "CMTOOLS_TEAM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(BadRequest, match=variable) as caught:
        Client(url, key=key, team=team)
    assert f"{variable.removeprefix('CMTOOLS_').lower()}=" in str(caught.value)


def test_client_is_made_from_the_environment(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMTOOLS_URL", stand_in.url + "/")
    monkeypatch.setenv("CMTOOLS_KEY", "k")
    monkeypatch.setenv("CMTOOLS_TEAM", "night")
    client = Client.from_env("bo")
    assert (client.url, client.team_name, client.reviewer) == (stand_in.url, "night", "bo")


def test_client_loads_without_the_libraries_of_tables() -> None:
    script = (
        "import sys, cmtools.client.client; print(sorted({'pandas', 'numpy', 'tqdm', 'fastapi'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"


# Asking the service's taggers


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda client: client.tag(b"GIF89a"), {}),
        (lambda client: client.screen("Hi!"), {"OriginalText": "Hi!", "Terms": []}),
        (lambda client: client.evaluate(b"GIF89a"), dict.fromkeys(EVALUATED)),
    ],
    ids=["tag", "screen", "evaluate"],
)
def test_taggers_answer_is_waited_for_longer_than_the_service_tries(
    caller: Client,
    stand_in: StandIn,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[Client], object],
    answer: dict[str, object],
) -> None:
    stand_in.always = lambda asked: Reply(body=answer if asked.method == "POST" else TEAM)
    waits: list[float] = []
    request = caller._transport._session.request

    def noted(*args: object, timeout: tuple[float, float], **kwargs: object) -> object:
        waits.append(timeout[1])
        return request(*args, timeout=timeout, **kwargs)

    monkeypatch.setattr(caller._transport._session, "request", noted)
    ask(caller)
    caller.team()
    each_try = Policy(answer_seconds=ANSWER_SECONDS)
    longest = MOST_WAIT_SECONDS + (MOST_TRIES - 1) * (each_try.connect_seconds + each_try.answer_seconds)
    assert waits == [TAGGER_SECONDS, caller._transport.timeout]
    assert longest < TAGGER_SECONDS


def test_late_answer_of_a_tagger_is_asked_for_once_and_told_with_the_seconds(
    caller: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []

    def late(method: str, *_: object, **__: object) -> None:
        tries.append(method)
        raise requests.ReadTimeout

    monkeypatch.setattr(caller._transport._session, "request", late)
    with pytest.raises(Timeout, match="within 300 s"):
        caller.tag(b"GIF89a")
    assert tries == ["POST"]


# Creating


def test_drafts_are_created_by_the_review_api_with_idempotency_keys(caller: Client, stand_in: StandIn) -> None:
    stand_in.always = created
    ids = caller.create_reviews([Draft("https://x/1", "1"), Draft("https://x/2", "2")], subteam="my mail")
    assert ids == ["id-1", "id-2"]
    (asked,) = stand_in.asked
    assert asked.path == "/contentmoderator/review/v1.0/teams/demo/reviews?subTeam=my+mail"
    assert all(item["IdempotencyKey"] for item in json.loads(asked.body))


def test_no_drafts_make_no_call(caller: Client, stand_in: StandIn) -> None:
    assert caller.create_reviews([]) == []
    assert stand_in.asked == []


def test_list_of_drafts_may_be_any_iterable(caller: Client, stand_in: StandIn) -> None:
    stand_in.always = created
    assert caller.create_reviews(Draft(f"https://x/{n}", str(n)) for n in range(3)) == ["id-0", "id-1", "id-2"]


def test_tag_that_the_team_does_not_have_is_named_and_nothing_is_created(caller: Client, stand_in: StandIn) -> None:
    stand_in.always = lambda _: Reply(body=TEAM)
    with pytest.raises(BadTag, match=r"no tag 'zz'; it has a, r, sc\. Add it with client\.add_tag\('zz'\)"):
        caller.create_reviews(Drafts([Draft("https://x/1", "1")]))
    assert [asked.method for asked in stand_in.asked] == ["GET"]


def test_new_tags_are_added_first_when_that_is_wanted(caller: Client, stand_in: StandIn) -> None:
    stand_in.always = lambda asked: created(asked) if asked.path.endswith("/reviews") else Reply(body=TEAM)
    assert caller.create_reviews(Drafts([Draft("https://x/1", "1")]), new_tags=True) == ["id-1"]
    assert [asked.path.rsplit("/", 1)[1] for asked in stand_in.asked] == ["demo", "tags", "reviews"]
    assert json.loads(stand_in.asked[1].body)["short_code"] == "zz"


def test_what_is_not_said_of_a_tag_is_not_sent(caller: Client, stand_in: StandIn) -> None:
    stand_in.always = lambda _: Reply(body=TEAM)
    caller.add_tag("sc")
    caller.add_tag("sc", "", description="", threshold=np.float32(0.5))
    caller.set_threshold("s/c", None)
    assert [json.loads(asked.body) for asked in stand_in.asked] == [
        {"short_code": "sc"},
        {"short_code": "sc", "name": "", "description": "", "threshold": 0.5},
        {"threshold": None},
    ]
    assert stand_in.asked[2].path == "/cmtools/v1/teams/demo/tags/s%2Fc/threshold"


def test_service_that_knows_no_thresholds_has_none(caller: Client, stand_in: StandIn) -> None:
    stand_in.always = lambda _: Reply(body=TEAM)
    assert caller.tags().thresholds == {}


def test_long_work_shows_one_progress_bar(
    caller: Client, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in.always = created
    caller.create_reviews([Draft(f"https://x/{n}", str(n)) for n in range(BATCH_DRAFTS + 1)])
    assert capsys.readouterr().err.count("0/501") == 1


@pytest.mark.parametrize(("count", "progress"), [(1, True), (3, False)])
def test_no_bar_is_shown_for_one_draft_or_when_it_is_not_wanted(
    caller: Client, stand_in: StandIn, count: int, progress: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in.always = created
    caller.create_reviews([Draft(f"https://x/{n}", str(n)) for n in range(count)], progress=progress)
    assert capsys.readouterr().err == ""


def test_answer_with_too_few_ids_is_a_service_error(caller: Client, stand_in: StandIn) -> None:
    stand_in.always = lambda _: Reply(body=["only one"])
    with pytest.raises(ServiceError, match="1 ids for 2 drafts"):
        caller.create_reviews([Draft("https://x/1", "1"), Draft("https://x/2", "2")], progress=False)


def test_upload_takes_bytes_and_files(caller: Client, stand_in: StandIn, tmp_path: object) -> None:
    picture = {"id": "p", "content": "c", "media_type": "image/png", "width": 1, "height": 1, "size_bytes": 3}
    stand_in.always = lambda _: Reply(body=picture)
    assert caller.upload(b"abc").id == "p"
    assert stand_in.asked[0].body == b"abc"
    assert stand_in.asked[0].headers["Content-Type"] == "application/octet-stream"


def test_upload_of_a_file_that_is_not_there_names_it(caller: Client, stand_in: StandIn) -> None:
    with pytest.raises(BadPicture, match=r"/nowhere/cat\.png: cannot be read"):
        caller.upload("/nowhere/cat.png")
    assert stand_in.asked == []


# Reading


def test_reviews_are_paged_as_they_are_asked_for(caller: Client, stand_in: StandIn) -> None:
    stand_in.script += [
        Reply(body={"reviews": own.write([review(1), review(2)]), "next": "2"}),
        Reply(body={"reviews": own.write([review(3)]), "next": None}),
    ]
    found = caller.reviews(status="Pending")
    assert stand_in.asked == []
    assert next(found).id == "r1"
    assert len(stand_in.asked) == 1
    assert [one.id for one in found] == ["r2", "r3"]
    assert "after=2" in stand_in.asked[1].path
    assert "status=Pending" in stand_in.asked[1].path


def test_paging_ends_where_the_cursor_stands_still(caller: Client, stand_in: StandIn) -> None:
    stand_in.always = lambda _: Reply(body={"reviews": [], "next": "7"})
    assert list(caller.reviews()) == []
    assert len(stand_in.asked) == 2


def test_named_reviews_are_looked_up_a_thousand_at_a_time(caller: Client, stand_in: StandIn) -> None:
    stand_in.always = lambda asked: Reply(
        body={"reviews": [own.write(review(int(id))) for id in json.loads(asked.body)["ids"]]}
    )
    assert len(list(caller.reviews(ids=[str(number) for number in range(own.MAX_LOOKUP + 1)]))) == own.MAX_LOOKUP + 1
    assert len(stand_in.asked) == 2


def test_named_reviews_are_filtered_like_all_others(caller: Client, stand_in: StandIn) -> None:
    done = Review("r9", "Complete", "Text", "hello", "9", subteam="mail")
    stand_in.always = lambda _: Reply(body={"reviews": own.write([review(1), done])})
    assert [one.id for one in caller.reviews(ids=["r1", "r9"], status="complete")] == ["r9"]
    assert [one.id for one in caller.reviews(ids=["r1", "r9"], type="Image")] == ["r1"]
    assert [one.id for one in caller.reviews(ids=["r1", "r9"], subteam="mail")] == ["r9"]


def test_thumbnails_come_by_id_and_none_where_there_is_no_picture(caller: Client, stand_in: StandIn) -> None:
    def small(asked: Asked) -> Reply:
        ids = asked.json()["ids"]  # type: ignore[index]
        return Reply(body={"thumbnails": {id: None if id == "r2" else b64encode(id.encode()).decode() for id in ids}})

    stand_in.always = small
    found = caller.thumbnails(["r3", "r2", "r1", "r3"], size=64)
    assert list(found.items()) == [("r3", b"r3"), ("r2", None), ("r1", b"r1")]
    assert [asked.json() for asked in stand_in.asked] == [{"ids": ["r3", "r2", "r1"], "size": 64}]


def test_thumbnails_of_many_reviews_are_asked_for_in_lots(caller: Client, stand_in: StandIn) -> None:
    stand_in.always = lambda asked: Reply(body={"thumbnails": dict.fromkeys(asked.json()["ids"])})  # type: ignore[index]
    assert caller.thumbnails([f"r{n}" for n in range(120)]) == {f"r{n}": None for n in range(120)}
    assert len(stand_in.asked) == 3


def test_thumbnails_of_nothing_make_no_call(caller: Client, stand_in: StandIn) -> None:
    assert caller.thumbnails([]) == {}
    assert stand_in.asked == []


def test_thumbnails_for_a_wrong_team_are_an_error_and_not_missing_pictures(caller: Client, stand_in: StandIn) -> None:
    stand_in.always = lambda _: refusal(404, "UnknownTeam", "CMTOOLS_TEAM?")
    with pytest.raises(UnknownTeam):
        caller.thumbnails(["r1", "r2"])


def test_single_id_stands_for_itself(caller: Client, stand_in: StandIn) -> None:
    stand_in.always = lambda _: Reply(body={"thumbnails": {"r1": b64encode(b"jpeg").decode()}})
    assert caller.thumbnails("r1") == {"r1": b"jpeg"}


def test_review_that_is_not_there_is_not_found(caller: Client, stand_in: StandIn) -> None:
    stand_in.script.append(refusal(404, "NotFound", "the team has no review 'x'"))
    with pytest.raises(NotFound, match="no review 'x'"):
        caller.get_review("x")


# Reviewing


def test_answers_from_tables_are_sent_as_plain_booleans(caller: Client, stand_in: StandIn) -> None:
    stand_in.always = lambda _: Reply(status=204)
    caller.save(LEASE, {"r1": {"a": np.True_, "r": "False", "sc": 1}})  # type: ignore[dict-item]
    assert stand_in.asked[0].json() == {"toggles": {"r1": {"a": True, "r": False, "sc": True}}}
    assert stand_in.asked[0].headers["Cmtools-Lease-Token"] == "t0k"


def test_answer_that_is_neither_true_nor_false_is_refused_here(caller: Client, stand_in: StandIn) -> None:
    with pytest.raises(BadTag, match=r"r1\.a: None is neither"):
        caller.submit(LEASE, {"r1": {"a": None}})  # type: ignore[dict-item]
    assert stand_in.asked == []


def test_submission_remembers_its_lease_so_that_undo_gives_back_the_token(caller: Client, stand_in: StandIn) -> None:
    stand_in.script += [
        Reply(body=own.write(Submission("s1", "ana", ("r1",), NOW, NOW))),
        Reply(body={**own.write(LEASE), "token": ""}),
    ]
    submission = caller.submit(LEASE, {"r1": {"a": True}})
    assert caller.undo(submission) == LEASE


def test_renewed_lease_keeps_its_token(caller: Client, stand_in: StandIn) -> None:
    stand_in.script.append(Reply(body={**own.write(LEASE), "token": "", "expires_at": "2026-03-01T13:00:00Z"}))
    renewed = caller.renew(LEASE)
    assert (renewed.token, renewed.expires_at.hour) == ("t0k", 13)


@pytest.mark.parametrize(
    "call",
    [
        lambda c, lease: c.submit(lease, {"r": {}}),
        lambda c, lease: c.renew(lease),
        lambda c, lease: c.save(lease, {"r": {}}),
    ],
    ids=["submit", "renew", "save"],
)
@pytest.mark.parametrize(("lease", "said"), [(EMPTY, "nothing was waiting"), (WITHOUT_TOKEN, r"client\.resume")])
def test_lease_without_a_right_is_refused_here_with_what_to_do(
    caller: Client, stand_in: StandIn, call: Callable[[Client, Lease], object], lease: Lease, said: str
) -> None:
    with pytest.raises(LeaseLost, match=said):
        call(caller, lease)
    assert stand_in.asked == []


def test_empty_lease_is_given_back_without_a_call(caller: Client, stand_in: StandIn) -> None:
    caller.release(EMPTY)
    assert stand_in.asked == []


def test_lease_without_a_token_is_given_back_by_its_reviewer(caller: Client, stand_in: StandIn) -> None:
    stand_in.always = lambda _: Reply(status=204)
    caller.release(WITHOUT_TOKEN, ["r1"])
    assert "Cmtools-Lease-Token" not in stand_in.asked[0].headers
    assert stand_in.asked[0].json() == {"review_ids": ["r1"]}


def test_no_toggles_make_no_call(caller: Client, stand_in: StandIn) -> None:
    caller.save(LEASE, {})
    assert stand_in.asked == []
