"""`cmtools portal` before it serves: what it tells visitors' kernels and Voilà. The page itself: tests/widgets."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from tornado.web import HTTPError

from cmtools.cli import main
from cmtools.cli.portal import PAGE, TEMPLATE, _prepare, notebook_of, options

OPTIONS = options("127.0.0.1", 8866, "/", 2)


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
    monkeypatch.setattr("cmtools.cli.portal.find_spec", lambda _name: None)
    ended = CliRunner().invoke(main, ["portal", "--service", "http://127.0.0.1:1"])
    assert ended.exit_code == 1
    assert "cmtools[portal]" in ended.output


def test_visitors_kernels_inherit_no_secret_of_the_operator() -> None:
    environment = {"CMTOOLS_KEY": "k", "CMTOOLS_PEPPER": "p", "CMTOOLS_DATABASE": "d", "HOME": "/"}
    _prepare(environment)
    assert set(environment) == {"HOME", "JUPYTER_PATH"}


def test_template_is_where_jupyter_looks_for_it() -> None:
    assert (PAGE / "voila" / "templates" / TEMPLATE / "index.html.j2").is_file()


def test_notebook_holds_the_address_as_text_whatever_is_in_it() -> None:
    source = notebook_of("http://x/'); import os #", 'a"b')["cells"][0]["source"]
    compiled = compile(source, "cell", "exec")
    assert "os" not in compiled.co_names
    assert json.dumps(source)


def test_page_cannot_choose_template_or_theme() -> None:
    page = OPTIONS["VoilaConfiguration"]
    assert (page["allow_template_override"], page["allow_theme_override"], page["file_allowlist"]) == ("NO", "NO", [])


def test_kernels_of_visitors_who_left_end() -> None:
    kernels = OPTIONS["MappingKernelManager"]
    assert 0 < kernels["cull_idle_timeout"] <= 3600
    assert not kernels["cull_connected"]


def test_messages_of_kernels_do_not_cross_a_port() -> None:
    assert OPTIONS["KernelManager"]["transport"] == "ipc"


@pytest.mark.parametrize(("here", "let_in"), [(0, True), (1, True), (2, False), (3, False)])
def test_so_many_visitors_and_no_more_are_let_in(here: int, let_in: bool) -> None:
    hook = OPTIONS["VoilaConfiguration"]["prelaunch_hook"]
    request = SimpleNamespace(kernel_manager=SimpleNamespace(list_kernel_ids=lambda: ["k"] * here))
    if let_in:
        hook(request, notebook=None, cwd="")
    else:
        with pytest.raises(HTTPError) as refused:
            hook(request, notebook=None, cwd="")
        assert refused.value.status_code == 503
