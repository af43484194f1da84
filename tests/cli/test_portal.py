"""`cmtools portal` before it serves: what it is asked and what it refuses. The page itself: tests/widgets."""

from __future__ import annotations

import sys

import pytest
from click.testing import CliRunner

from cmtools.cli import main
from cmtools.cli.portal import page_of


def test_help_has_an_example() -> None:
    shown = CliRunner().invoke(main, ["portal", "--help"]).output
    assert "cmtools portal --service" in shown


def test_service_is_asked_for() -> None:
    ended = CliRunner().invoke(main, ["portal"], env={"CMTOOLS_URL": ""})
    assert ended.exit_code != 0
    assert "--service" in ended.output


def test_address_that_is_none_is_refused() -> None:
    ended = CliRunner().invoke(main, ["portal", "--service", "nonsense"])
    assert ended.exit_code == 1
    assert "must look like http" in ended.output


def test_without_voila_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "voila", None)
    monkeypatch.setattr("cmtools.cli.pages.find_spec", lambda _name: None)
    ended = CliRunner().invoke(main, ["portal", "--service", "http://127.0.0.1:1"])
    assert ended.exit_code == 1
    assert "cmtools[portal]" in ended.output


def test_page_holds_the_address_as_text_whatever_is_in_it() -> None:
    source = page_of("http://x/'); import os #", 'a"b').source
    assert "os" not in compile(source, "cell", "exec").co_names
