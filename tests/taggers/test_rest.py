"""Where a cloud's key and endpoint come from, and which endpoints are called."""

from __future__ import annotations

import pytest

from cmtools.errors import BadTagger
from cmtools.taggers.content_safety import AzureContentSafety
from tests.outgoing.canary import know_names

from .stand_in import KEY, StandIn


def tagger(endpoint: str, key: str = KEY) -> AzureContentSafety:
    return AzureContentSafety(type="Text", key=key, endpoint=endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "name.cognitiveservices.azure.com",
        "ftp://name.example.com",
        "https://",
        "https://me:geheim@name.example.com",
        "https://name.example.com/?sig=geheim",
        "https://name.example.com/#geheim",
        "https://name.example.com:port",
        "http://0x7f.1:80",
    ],
)
def test_endpoint_that_is_none_is_refused_and_not_repeated(endpoint: str) -> None:
    with pytest.raises(BadTagger, match="CONTENT_SAFETY_ENDPOINT is no endpoint") as caught:
        tagger(endpoint)
    assert "geheim" not in str(caught.value)


def test_missing_endpoint_says_which_variable_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONTENT_SAFETY_ENDPOINT", raising=False)
    with pytest.raises(BadTagger, match="needs its endpoint: set CONTENT_SAFETY_ENDPOINT"):
        AzureContentSafety(key=KEY)


@pytest.mark.parametrize("key", ["line\nbreak", "schlüssel", "\x00"])
def test_key_that_no_header_takes_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(BadTagger, match="characters that no header takes") as caught:
        tagger("https://name.example.com", key)
    assert key not in str(caught.value)


def test_key_does_not_travel_in_clear() -> None:
    with pytest.raises(BadTagger, match="would travel in clear"):
        tagger("http://name.example.com")


def test_host_inside_the_network_is_called_only_when_it_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    said = tagger("https://10.255.255.1:8443").tag(["text"])[0].error or ""
    assert "its endpoint is not an address to call" in said
    assert "CMTOOLS_ALLOWED_HOSTS" in said
    monkeypatch.setenv("CMTOOLS_ALLOWED_HOSTS", "reviews.internal:8765")
    assert tagger("http://reviews.internal:8765").type == "Text", "listed, it may be called without TLS too"


def test_this_machine_is_called_without_the_proxy_and_all_else_through_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with StandIn() as proxy, StandIn() as site:
        monkeypatch.setenv("CMTOOLS_EGRESS_PROXY", proxy.url)
        assert tagger(site.url).tag(["text"])[0].error is None
        assert proxy.asked == []
        monkeypatch.setenv("CMTOOLS_ALLOWED_HOSTS", "cloud.internal:80")
        tagger("http://cloud.internal").tag(["text"])
        assert [asked.path.partition("?")[0] for asked in proxy.asked] == [
            "http://cloud.internal/contentsafety/text:analyze"
        ]


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with StandIn() as site:
        assert tagger(site.url).tag(["text"])[0].error is None


def test_name_that_leads_to_this_machine_is_not_called_unless_the_endpoint_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    know_names(monkeypatch)
    with StandIn() as site:
        port = site.url.rpartition(":")[2]
        assert tagger(f"http://localhost:{port}").tag(["text"])[0].error is None
        assert "not an address to call" in str(tagger(f"https://inner.test:{port}").tag(["text"])[0].error)
        assert len(site.asked) == 1
