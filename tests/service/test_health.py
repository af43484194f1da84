"""Whether the service is well, whether it can serve, and its figures for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

import cmtools as cm
from cmtools.errors import NotReady
from cmtools.model import Draft
from cmtools.service import readiness
from cmtools.service.media import Media
from cmtools.store import Store
from cmtools.testing import RunningService, running_service


@pytest.fixture
def service() -> Iterator[RunningService]:
    with running_service() as running:
        yield running


def figures(service: RunningService) -> dict[tuple[str, ...], float]:
    """The figures, each by its name and the values of its labels in the order of their names."""
    text = requests.get(f"{service.url}/metrics", timeout=30).text
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def drafts(count: int) -> list[Draft]:
    return [Draft(f"https://x.org/{n}.jpg", f"content-{n}", callback_endpoint="https://x.org/cb") for n in range(count)]


def test_service_that_can_serve_says_what_it_looked_at(service: RunningService) -> None:
    assert service.client().ready() == {"status": "ready", "checked": ["database", "tables", "media"]}


def test_database_with_other_tables_is_not_ready(store: Store, tmp_path: Path) -> None:
    store.write(lambda connection: connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(NotReady, match="tables are of another version"):
        readiness.demand(store, Media(str(tmp_path / "media")))


def test_database_that_is_gone_and_pictures_that_cannot_be_written_are_both_named(tmp_path: Path) -> None:
    class Gone:
        name = "gone"

        def read(self, _work: object) -> None:
            raise cm.errors.StoreError("the database cannot be read: gone")

    (tmp_path / "media").write_text("a file where the folder should be")
    with pytest.raises(NotReady, match=r"cannot be read: gone; pictures cannot be written \(CMTOOLS_MEDIA: \w+Error\)"):
        readiness.demand(Gone(), Media(str(tmp_path / "media")))


def test_looking_whether_pictures_can_be_kept_leaves_nothing(tmp_path: Path) -> None:
    Media(str(tmp_path)).probe()
    assert list(tmp_path.iterdir()) == []


def test_service_that_cannot_serve_answers_503_and_its_client_says_why(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: Media) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Media, "probe", full)
    assert requests.get(f"{service.url}/ready", timeout=30).status_code == 503
    assert requests.get(f"{service.url}/health", timeout=30).status_code == 200
    client = service.client()
    monkeypatch.setattr(client._transport, "_sleep", lambda _seconds: None)
    with pytest.raises(NotReady, match="pictures cannot be written"):
        client.ready()


def test_figures_tell_what_waits_and_since_when(service: RunningService) -> None:
    client = service.client()
    client.create_reviews(drafts(5), progress=False)
    lease = client.checkout(2)
    client.submit(lease, {lease.reviews[0].id: {}})
    client.checkout(1)
    service.clock.advance(30)
    found = figures(service)
    assert found["cmtools_reviews", "pending", "Image"] == 2
    assert found["cmtools_reviews", "leased", "Image"] == 2
    assert found["cmtools_reviews", "submitted", "Image"] == 1
    assert found["cmtools_leases",] == 2
    assert found["cmtools_oldest_lease_seconds",] == 30
    assert found["cmtools_callbacks", "waiting"] == 1
    assert found["cmtools_unsealed_seconds",] == 30
    assert found["cmtools_callback_lag_seconds",] == pytest.approx(25)
    assert found["cmtools_oldest_callback_seconds",] == pytest.approx(25)


def test_figures_count_requests_by_template_and_class_of_status_never_by_what_was_sent(service: RunningService) -> None:
    client = service.client()
    for _ in range(2):
        with pytest.raises(cm.errors.NotFound):
            client.get_review("s3cret")
    requests.get(f"{service.url}/s3cret/nowhere", timeout=30)
    requests.request("S3CRET", f"{service.url}/s3cret", timeout=30)
    found = figures(service)
    route = "/cmtools/v1/teams/{team}/reviews/{review_id}"
    assert found["cmtools_request_seconds_count", "GET", route, "4xx"] == 2
    assert found["cmtools_request_seconds_count", "?", "(none)", "4xx"] == 2
    assert "s3cret" not in str(found).lower()


def test_figures_of_the_database_are_asked_for_at_most_every_ten_seconds(service: RunningService) -> None:
    assert ("cmtools_reviews", "pending", "Image") not in figures(service)
    service.client().create_reviews(drafts(1), progress=False)
    assert ("cmtools_reviews", "pending", "Image") not in figures(service)
    service.clock.advance(11)
    assert figures(service)["cmtools_reviews", "pending", "Image"] == 1


def test_figures_hold_no_team_no_reviewer_no_content_and_no_key(service: RunningService) -> None:
    service.client("ana").create_reviews(drafts(2), progress=False)
    service.client("ana").checkout(1)
    text = requests.get(f"{service.url}/metrics", timeout=30).text
    for hidden in ("demo", "ana", "content-0", "x.org", service.key):
        assert f'"{hidden}' not in text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_figures_are_not_for_who_comes_through_a_proxy_on_this_machine(service: RunningService, header: str) -> None:
    answer = requests.get(f"{service.url}/metrics", headers={header: "127.0.0.1"}, timeout=30)
    assert (answer.status_code, answer.json()["Error"]["Code"]) == (403, "Forbidden")


@pytest.mark.parametrize(
    ("sent", "status"), [({}, 401), ("Bearer wrong", 401), ("Bearer ünkey", 401), ("Bearer k", 200)]
)
def test_figures_with_a_key_of_their_own_take_that_key(sent: str, status: int) -> None:
    with running_service(metrics_key="k") as service:
        headers = {"Authorization": sent.encode()} if sent else {}
        assert requests.get(f"{service.url}/metrics", headers=headers, timeout=30).status_code == status


def test_service_without_figures_says_how_to_have_them() -> None:
    with running_service(metrics=False) as service:
        answer = requests.get(f"{service.url}/metrics", timeout=30)
    assert answer.status_code == 404
    assert "CMTOOLS_METRICS=true" in answer.text
