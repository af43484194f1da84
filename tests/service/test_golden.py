"""Golden items: nothing that a reviewer's key is answered, by any operation, tells one from the others."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import cycle, product
from random import Random
from typing import Any

import pytest
import requests
import sqlalchemy as sa

import cmtools as cm
from cmtools.client.asking import Asking, mixed
from cmtools.content.base import check_common
from cmtools.errors import BadDraft, BadRequest, BadTag
from cmtools.model import Draft, Lease
from cmtools.service import audit, leases, opinions, reviews, teams
from cmtools.store import Store
from cmtools.store.arrivals import NewReview, queued
from cmtools.store.tables import reviews as table
from cmtools.testing import CallbackSink, ManualClock, RunningService, running_service
from cmtools.wire import own
from cmtools.wire.creation import Incoming
from tests.proofs.test_roles import MAY
from tests.service.conftest import BASE, Desk
from tests.tools.operations import Ask, document_of, every
from tests.tools.pictures import png

TRUTH = {"a": True, "r": False}
METADATA = (("a", "True"), ("a.score", "0.7"), ("album", "cats"))

# Who is told what, and when they leave --------------------------------------------------------------------------------


def settings(desk: Desk, told: bool) -> None:
    desk.run(lambda ctx: teams.set_golden_feedback(ctx, told))


def decide(desk: Desk, reviewer: str, count: int = 20, subteam: str | None = None) -> Lease:
    lease = desk.run(lambda ctx: leases.checkout(ctx, count, "Image", subteam, BASE), reviewer)
    if lease.reviews:
        desk.submit(lease, {review.id: {"a": reviewer == "ana"} for review in lease.reviews})
    return lease


def pending(desk: Desk, subteam: str | None = None) -> int:
    return desk.run(lambda ctx: reviews.counts(ctx, None, subteam)).pending


def test_who_knows_the_id_of_a_golden_item_is_not_told_by_its_creation() -> None:
    with running_service() as service:
        lead = service.client("lead")
        ana = service.client("ana", key=lead.create_key("ana's", "reviewer", "ana").secret)
        drafts = [Draft("a", "1", "Text", truth=TRUTH, overlap=2), Draft("b", "2", "Text", overlap=2)]
        golden, shared = lead.create_reviews(drafts)
        told = {
            id: next(event for event in ana.events(id) if event.action == "create").after for id in (golden, shared)
        }
        assert told[golden].keys() == told[shared].keys() == {"content_id", "subteam"}
        assert {"golden", "opinions"} <= next(e for e in lead.events(golden) if e.action == "create").after.keys()


def test_feedback_is_of_ones_own_final_answers_and_only_while_the_team_tells(desk: Desk) -> None:
    desk.create(1, truth=TRUTH, overlap=2)
    desk.create(2)

    def told(reviewer: str, after: Any = None) -> list[Any]:
        return desk.run(lambda ctx: opinions.feedback(ctx, after), reviewer)

    settings(desk, True)
    decide(desk, "ana")
    assert told("ana") == []
    desk.pass_time(5)
    (one,) = told("ana")
    assert (one.tags, one.truth, one.content_id) == ({"a": True, "r": False}, TRUTH, "0")
    assert told("ben") == told("ana", one.decided_at) == []
    settings(desk, False)
    assert told("ana") == []


def test_golden_items_are_in_no_list_and_are_known_to_leads(desk: Desk) -> None:
    (id,) = desk.create(1, truth=TRUTH, overlap=3, callback_endpoint="https://x.org/told")
    desk.create(2)
    decide(desk, "ana")
    desk.pass_time(5)
    (item,) = desk.run(opinions.golden)
    assert (item.review_id, item.truth, item.overlap, item.answered) == (id, TRUTH, 3, 1)
    listed = desk.run(lambda ctx: reviews.page(ctx, None, None, None, 0, 10, BASE))[0]
    assert id not in {review.id for review in listed}
    assert len(listed) == 2
    assert desk.run(lambda ctx: ctx.connection.execute(sa.text("SELECT count(*) FROM callbacks")).scalar()) == 0
    assert desk.actions(id) == ["create"]


def test_leftovers_leave_the_queue_when_nothing_else_is_open_and_not_before(desk: Desk) -> None:
    desk.run(lambda ctx: teams.add_subteam(ctx, "legal"))
    desk.create(1, truth=TRUTH, overlap=4)
    desk.create(1, truth=TRUTH, overlap=4, subteam="legal")
    desk.create(1, subteam="legal")
    desk.create(1, overlap=2)
    decide(desk, "ana", subteam="public")
    desk.pass_time(5)
    assert pending(desk, "public") == 3 + 1
    lease = desk.run(lambda ctx: leases.checkout(ctx, 20, "Image", "public", BASE), "ben")
    sure = [review.id for review in lease.reviews]
    desk.submit(lease, {id: {} for id in sure})
    assert pending(desk, "public") == 2
    desk.pass_time(5)
    assert (pending(desk, "public"), pending(desk, "legal")) == (0, 4 + 1)
    assert decide(desk, "eve", subteam="public").reviews == ()
    dormant = desk.run(lambda ctx: reviews.counts(ctx, None, "public"))
    assert (dormant.total, dormant.complete, dormant.disputed) == (5, 4, 1)


def test_golden_item_that_a_reviewer_moved_does_not_vanish(desk: Desk) -> None:
    """Else a reviewer would move each review to where nothing else is, and see which ones go."""
    desk.run(lambda ctx: teams.add_subteam(ctx, "empty"))
    desk.create(1, truth=TRUTH, overlap=2)
    desk.create(2)
    lease = desk.checkout()
    for review in lease.reviews:
        desk.run(lambda ctx, review=review: leases.move(ctx, review.id, "empty", lease.token, BASE))
    before = pending(desk, "empty")
    (other,) = desk.create(1)
    decide(desk, "ben", subteam="public")
    desk.pass_time(5)
    assert pending(desk, "empty") == before == 3
    assert desk.get(other).status == "Complete"


@pytest.mark.parametrize("blind", [False, True])
def test_golden_item_takes_on_what_the_others_of_the_call_have(desk: Desk, blind: bool) -> None:
    others = {"weight": 3.0, "stratum": "s", "callback_endpoint": "https://x.org/told", "blind": blind}
    drafts = [Draft(f"https://x.org/{n}.jpg", str(n), **others) for n in range(3)]
    drafts.append(Draft("https://x.org/g.jpg", "g", truth={"A": True}, overlap=2, weight=1.0))
    desk.run(lambda ctx: reviews.create(ctx, [Incoming(draft) for draft in drafts], None, BASE))
    lease = desk.checkout()
    shown = {(each.weight, each.stratum, each.callback_endpoint, each.blind) for each in lease.reviews}
    assert shown == {(1.0, None, "https://x.org/told", True) if blind else tuple(others.values())}
    with pytest.raises(BadTag, match="'zz'"):
        desk.run(lambda ctx: reviews.create(ctx, [Incoming(replace(drafts[3], truth={"zz": True}))], None, BASE))


def test_reviewers_key_is_told_nothing_of_the_sample_nor_of_the_callback(desk: Desk) -> None:
    [id] = desk.create(weight=3.0, stratum="score < 0.2", callback_endpoint="https://x.org/told")
    desk.actor = replace(desk.actor, role="reviewer")
    for review in (desk.checkout().reviews[0], desk.get(id)):
        assert (review.weight, review.stratum, review.callback_endpoint) == (1.0, None, None)
    [created] = [event for event in desk.run(lambda ctx: audit.trail(ctx, id, 0, 9))[0] if event.action == "create"]
    assert created.after == {"content_id": "0", "subteam": "public"}


@pytest.mark.parametrize(("overlap", "asked"), [(1, 1), (2, 2), (3, 3), (2, 5), (3, 1)])
def test_golden_items_stand_as_densely_in_each_round_of_the_queue(overlap: int, asked: int) -> None:
    ordinary = [
        NewReview(f"o{n}", Draft("x", str(n), "Text"), "public", None, None, tuple(f"o{n}-{k}" for k in range(overlap)))
        for n in range(80)
    ]
    golden = [
        NewReview(
            f"g{n}",
            Draft("x", f"g{n}", "Text", truth=TRUTH),
            "public",
            None,
            None,
            tuple(f"g{n}-{k}" for k in range(asked)),
        )
        for n in range(20)
    ]
    queue = queued([*ordinary, *golden])
    assert len({item.id for item in queue}) == len(queue) == 80 * overlap + 20 * asked
    rounds: list[list[str]] = [[]]
    for item in queue:
        rounds[-1].append(str(item.opinion_of))
        if sum(id.startswith("o") for id in rounds[-1]) == 80:
            rounds.append([])
    for number in range(min(overlap, asked)):
        assert len([id for id in rounds[number] if id.startswith("g")]) >= 15
    assert [id for id in rounds[0] if id.startswith("o")] == [f"o{n}" for n in range(80)]


# Refused by the client ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how",
    [
        {"overlap": 0},
        {"overlap": True},
        {"golden_overlap": "2"},
        {"overlap_share": 0.5},
        {"overlap_share": 0.5, "overlap": 1},
        {"overlap_share": 1.5, "overlap": 2},
        {"overlap_share": 0.0, "overlap": 2},
        {"final": "dice"},
    ],
)
def test_senseless_asking_is_refused(how: Mapping[str, Any]) -> None:
    with pytest.raises(BadRequest):
        Asking(**how)


@pytest.mark.parametrize("truth", [{}, {"a": "yes"}, {"a": 1}])
def test_truth_that_says_nothing_certain_is_refused(truth: Mapping[str, Any]) -> None:
    with pytest.raises(BadDraft, match="truth"):
        check_common(Draft("https://x.org/1.jpg", "1", truth=truth))


def test_golden_item_that_would_stand_out_is_refused() -> None:
    ordinary = Draft("https://x.org/1.jpg", "1", metadata=(("a", "True"), ("album", "cats")))
    golden = replace(ordinary, content_id="g", truth=TRUTH)
    mixed([ordinary, golden])
    for changed in (
        replace(golden, metadata=(("a", "True"),)),
        replace(golden, metadata=(*golden.metadata, ("secret", "x"))),
        replace(golden, type="Text"),
    ):
        with pytest.raises(BadDraft, match=r"drafts\[1\]"):
            mixed([ordinary, changed])


def test_golden_item_comes_at_any_place_but_never_last() -> None:
    """The last request of a call may be of few drafts; if golden ones were all of it, nothing would hide them."""
    drafts = [*(Draft(f"{n}", f"{n}", "Text") for n in range(3)), Draft("g", "g", "Text", truth=TRUTH)]
    places = {mixed(drafts).index(3) for _ in range(200)}
    assert places == {0, 1, 2}


# Nothing tells --------------------------------------------------------------------------------------------------------

COUNT = 6
"""Of each kind: for one person, for two, golden."""
KINDS = ("alone", "shared", "golden")
STORY = {
    "check_out_reviews",
    "submit_answers",
    "undo_submission",
    "resume_lease",
    "release_lease",
    "hold_reviews",
    "take_held_reviews",
    "release_held_reviews",
    "move_review",
}
"""What changes where a review stands: `world` does it step by step. All other operations are walked at each step."""
Leaves = dict[str, Any]


@pytest.fixture(scope="module")
def seen() -> Iterator[list[tuple[str, dict[str, Leaves]]]]:
    """Of each review that a reviewer came to: its kind, and all that was answered of it at each stage."""
    with running_service(lease_seconds=3600) as service, CallbackSink() as sink:
        yield world(service, sink, seed=7)


def world(service: RunningService, sink: CallbackSink, seed: int) -> list[tuple[str, dict[str, Leaves]]]:
    lead = service.client("lead")
    lead.add_subteam("other")
    reviewer = service.client("ana", key=lead.create_key("ana's", "reviewer", "ana").secret)
    look = Look(service, document_of(service.url), lead.create_key("again", "reviewer", "ana").secret)
    lead.create_reviews([Draft(lead.upload(png()).content, "before", metadata=METADATA)])
    story(service, reviewer, look, "oldest")  # what happens once, as preferences that are set, is behind her then
    kinds = create(lead, sink, seed)
    stages: dict[str, dict[str, Leaves]] = {}
    for order in cycle(leases.leases.ORDERS):
        if not (told := story(service, reviewer, look, order)):
            break
        stages |= told
    assert len(stages) == 3 * COUNT
    assert sink.received  # ordinary ones are told of, which is what must not show
    for id, told in stages.items():
        told["over"] = look(Lease("0", "ana", "Image", service.clock()), "0", id)
    names = {ask.name for ask in look.asks(Lease("0", "ana", "Image", service.clock()), "0")}
    assert look.allowed > {"read_review", "get_review", "list_events", "list_notes", "show_picture", "count_reviews"}
    assert {name for name in names if "reviewer" in MAY[name]} <= look.allowed | STORY <= names
    return [(kinds[told["lease"]["reviews[0].content_id"]], told) for told in stages.values()]


def story(service: RunningService, reviewer: cm.Client, look: Look, order: str) -> dict[str, dict[str, Leaves]]:
    """One review, from the checkout to the end; what is told at each step, by its id."""
    before = look.figures()
    lease = reviewer.checkout(1, order=order)
    if not lease.reviews:
        return {}
    (review,) = lease.reviews
    told = {"lease": written(lease), "taken": moved(before, look.figures()), "leased": look(lease, "0")}
    before = look.figures()
    reviewer.save(lease, {review.id: {"r": True}})
    lease = reviewer.resume(lease)
    told["resumed"] = written(lease)
    told["parked"] = written(reviewer.hold(lease, [review.id], seconds=600, note="hm"))
    told["held"] = look(lease, "0", review.id) | moved(before, look.figures())
    reviewer.unhold([review.id])
    told["waiting"] = moved(before, look.figures())
    reviewer.move(review.id, "other")
    told["moved"] = moved(before, look.figures())
    lease = reviewer.checkout(1, subteam="other")
    reviewer.release(lease)
    lease = reviewer.checkout(1, subteam="other")
    reviewer.hold(lease, [review.id], seconds=600)
    lease = reviewer.take_held([review.id])
    told["taken up"] = written(lease)
    lease = reviewer.undo(reviewer.submit(lease, {review.id: {"a": True}}))
    told["undone"] = written(lease)
    before = look.figures()
    made = reviewer.submit(lease, {review.id: {"a": False}})
    told["made"] = written(made)
    told["submitted"] = moved(before, look.figures())
    told["sent"] = look(lease, made.id, review.id)
    service.advance(6)
    told["final"] = moved(before, look.figures())
    service.advance(6)
    told["decided"] = look(lease, made.id, review.id)
    return {review.id: told}


def create(lead: cm.Client, sink: CallbackSink, seed: int) -> dict[str, str]:
    """Drafts of each kind in one call, all of one look; the kind of each by its content id."""
    picture = lead.upload(png()).content
    chance = Random(seed)
    names = [f"{number:02}" for number in chance.sample(range(100), 3 * COUNT)]
    kinds = dict(zip(names, chance.sample([*KINDS] * COUNT, 3 * COUNT), strict=True))
    common: dict[str, Any] = {"metadata": METADATA, "callback_endpoint": sink.url}
    asked = {"alone": {}, "shared": {"overlap": 2}, "golden": {"truth": TRUTH, "overlap": 3}}
    drafts = [Draft(picture, name, **common, **asked[kind]) for name, kind in kinds.items()]
    lead.create_reviews(drafts, progress=False)
    return kinds


def written(answer: Any) -> Leaves:
    """A record as it was answered."""
    return leaves(own.write(answer))


def moved(before: Leaves, after: Leaves) -> Leaves:
    return {place: after.get(place, 0) - before.get(place, 0) for place in before | after}


class Look:
    """Every operation that a key may call, with a review named where one can be; all but those of `STORY`."""

    def __init__(self, service: RunningService, document: Any, key: str) -> None:
        self._url, self._team, self._document = service.url, service.team, document
        self._session = requests.Session()
        self._session.headers[own.KEY_HEADER] = key
        self.allowed: set[str] = set()
        self._refused: set[str] = set()

    def asks(self, lease: Lease, submission: str, review_id: str = "0") -> list[Ask]:
        known: dict[str, str] = defaultdict(lambda: "0", team=self._team, lease_id=lease.id, submission_id=submission)
        known |= {"review_id": review_id, "name": f"IMG_{review_id}", "workflow_name": "default"}
        return [ask for ask in every(self._document, known, lease.token) if ask.keyed]

    def figures(self) -> Leaves:
        """Counts and activity as numbers."""
        found: Leaves = {}
        for path in ("/counts", "/counts?type=Image&subteam=public", "/activity", "/exposures/today"):
            answer = self._session.get(f"{self._url}{own.OWN_PREFIX}/{self._team}{path}", timeout=30)
            found |= {f"{path} {place}": value for place, value in leaves(answer.json()).items()}
        return {place: value for place, value in found.items() if isinstance(value, int)}

    def __call__(self, lease: Lease, submission: str, review_id: str = "") -> Leaves:
        """What is answered, by operation and place."""
        review_id = review_id or lease.reviews[0].id
        found: Leaves = {}
        for ask in self.asks(lease, submission, review_id):
            for query in [] if ask.name in STORY else queries(ask, self._document, review_id):
                place = f"{ask.name}{sorted(name for name in query if query[name] != review_id)}"
                if place + ("named" if query else "") in self._refused:
                    continue
                how = {"params": {**ask.query, **query}, "headers": ask.headers, "data": ask.body, "timeout": 30}
                answer = self._session.request(ask.method, self._url + ask.path, **how)
                if answer.status_code == 403:
                    self._refused.add(place + ("named" if query else ""))
                    continue
                self.allowed.add(ask.name)
                found |= told_of(ask, place, answer)
        return found


def told_of(ask: Ask, place: str, answer: requests.Response) -> Leaves:
    """An answer's status, headers and body."""
    found: Leaves = {f"{place} status": answer.status_code}
    found |= {f"{place} {name.lower()}": said for name, said in answer.headers.items() if name.lower() not in OWN}
    if ask.name in LISTS:  # of everything that this reviewer did so far: it grows with each
        return found
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    body = answer.json() if is_json else answer.content.hex()
    return found | {f"{place} {at}": value for at, value in leaves(body).items()}


OWN = ("date", "cmtools-request")
"""Headers that say nothing of what was asked for."""
LISTS = {
    "list_exposures",
    "read_exposure_of_today",
    "record_reveals",
    "look_at_activity",
    "count_reviews",
    "list_leases",
}
"""What tells of many reviews: `figures` says how it moves."""


def queries(ask: Ask, document: Any, review_id: str) -> list[dict[str, str]]:
    """Without its options; and, where it may name a review, with that, also the smallest page of it."""
    said = {name for each in parameters(document, ask.name) for name in [each["name"]]}
    found: list[dict[str, str]] = [{}]
    if "review_id" in said and "review_id" not in ask.named:
        found.append({"review_id": review_id})
        if "limit" in said:
            found += [{"review_id": review_id, "limit": "1"}, {"review_id": review_id, "limit": "1", "after": "1"}]
    return found


def parameters(document: Any, name: str) -> list[dict[str, Any]]:
    operations = (each for path in document["paths"].values() for each in path.values())
    operation = next(each for each in operations if each["operationId"] == name)
    return [each for each in operation.get("parameters", ()) if each["in"] == "query"]


def leaves(body: Any, at: str = "") -> Leaves:
    """Every scalar of an answer by its place, and how large each container is; numbers of sequence included."""
    if isinstance(body, Mapping):
        found: Leaves = {f"{at}#": len(body), f"{at} keys": ",".join(sorted(map(plain, body)))}
        for key, value in body.items():
            found |= leaves(value, f"{at}.{plain(key)}".lstrip("."))
        return found
    if isinstance(body, list):
        found = {f"{at}#": len(body)}
        for place, value in enumerate(body):
            found |= leaves(value, f"{at}[{place}]")
        return found
    return {at: body}


RANDOM = re.compile(r"(?<=expires=)[0-9]+|[0-9a-f]{32,}|[A-Za-z0-9_-]{32,}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+(Z|\+00:00)")


def plain(value: Any) -> Any:
    """A value without what is random: ids, tokens. Their length stays, and so does what stands around them."""
    if not isinstance(value, str):
        return value
    return RANDOM.sub(lambda found: f"<{len(found[0])}>", value)


def comparable(value: Any) -> tuple[str, Any]:
    """Values of one kind can be put in order: numbers, moments, texts."""
    if isinstance(value, bool) or value is None:
        return "fixed", str(value)
    if isinstance(value, int | float):
        return "number", float(value)
    return "text", value if MOMENT.fullmatch(value) else plain(value)


def gini(golden: int, total: int) -> float:
    share = golden / total if total else 0.0
    return total * 2 * share * (1 - share)


def questions(seen: list[tuple[str, dict[str, Leaves]]]) -> dict[int, str]:
    """Each way in which one scalar parts the reviews, a bit for each, with a place where it does so."""
    found: dict[int, str] = {}
    for stage, place in sorted({(stage, place) for _, told in seen for stage, at in told.items() for place in at}):
        values = [comparable(told[stage].get(place, "(nothing)")) for _, told in seen]
        distinct = sorted(set(values))
        if len(distinct) == 1:
            continue
        splits = [[value <= cut for value in values] for cut in distinct[:-1]]
        splits += [[value == cut for value in values] for cut in distinct]
        for split in splits:
            found.setdefault(bits(split), f"{stage}: {place}")
    return found


def bits(split: list[bool]) -> int:
    return sum(yes << place for place, yes in enumerate(split))


def best_stump(asked: dict[int, str], golden: list[bool]) -> tuple[float, str]:
    """How much better the best question about one scalar does than none: 1 when it tells them all apart."""
    kinds, total = bits(golden), len(golden)
    whole, best = gini(sum(golden), total), (0.0, "")
    for split, place in asked.items():
        inside, hit = split.bit_count(), (split & kinds).bit_count()
        left = gini(hit, inside) + gini(sum(golden) - hit, total - inside)
        best = max(best, (1 - left / whole, place))
    return best


def test_no_scalar_of_any_answer_tells_golden_items(seen: list[tuple[str, dict[str, Leaves]]]) -> None:
    """As good as with kinds dealt out by chance, of which the best of thousands of questions is a little right too."""
    golden = [kind == "golden" for kind, _ in seen]
    asked = questions(seen)
    score, where = best_stump(asked, golden)
    chance = Random(3)
    by_chance = sorted(best_stump(asked, chance.sample(golden, len(golden)))[0] for _ in range(40))
    assert score <= by_chance[-1], f"{where}: {score:.2f} against {by_chance[-1]:.2f}"


def test_same_shapes_are_answered_of_all_kinds(seen: list[tuple[str, dict[str, Leaves]]]) -> None:
    shapes: dict[str, set[str]] = defaultdict(set)
    for kind, told in seen:
        for stage, found in told.items():
            shapes[kind] |= {f"{stage} {place} {fixed(place, value)}" for place, value in found.items()}
    assert shapes["golden"] ^ shapes["alone"] == set()
    assert shapes["golden"] ^ shapes["shared"] == set()


def fixed(place: str, value: Any) -> str:
    """A value as it is, unless it is a review's own: its content id, a moment, a number that grows with the work."""
    if place.endswith(("content_id", "ContentId", "contentId", " next")) or "content-length" in place:
        return ""
    return MOMENT.sub("<moment>", str(plain(value)))


def test_the_stump_finds_what_tells() -> None:
    seen = [("golden" if n % 3 else "alone", {"lease": {"n": n, "flag": bool(n % 3)}}) for n in range(30)]
    assert best_stump(questions(seen), [kind == "golden" for kind, _ in seen]) == (1.0, "lease: flag")


@pytest.mark.parametrize(("order", "seed"), list(product(leases.leases.ORDERS, range(2))))
def test_place_in_an_order_tells_nothing(store: Store, clock: ManualClock, order: str, seed: int) -> None:
    """Golden items come early as often as late."""
    desk = Desk(store, clock)
    chance = Random(seed)
    drafts = [Draft("https://x.org/1.jpg", f"{n}", metadata=METADATA) for n in range(60)]
    drafts += [Draft("https://x.org/1.jpg", "g", metadata=METADATA, truth=TRUTH, overlap=20) for _ in range(5)]
    chance.shuffle(drafts)
    desk.run(lambda ctx: reviews.create(ctx, [Incoming(draft) for draft in drafts], None, BASE))
    first = desk.run(
        lambda ctx: ctx.connection.execute(
            sa.select(table.c.content_id)
            .where(table.c.status == "Pending")
            .order_by(leases.leases.ORDERS[order], table.c.sequence)
        ).scalars()
    )
    places = [place for place, content_id in enumerate(first) if content_id == "g"]
    assert len(places) == 100
    assert 55 < sum(places) / 100 < 105  # of 160: four standard deviations around 79.5


def test_golden_item_whose_id_is_in_the_sample_is_refused() -> None:
    drafts = [Draft("x", "7", "Text"), Draft("y", "7", "Text", truth=TRUTH)]
    with pytest.raises(BadDraft, match=r"drafts\[1\].content_id: drafts\[0\] has the same id"):
        mixed(drafts)
