"""Pages before they are served: what visitors' kernels and Voilà are told. Pages themselves: tests/widgets."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from tornado.web import HTTPError

from cmtools.cli.pages import TEMPLATE, TEMPLATES, Page, Place, home, options, prepare

PLACE = Place("127.0.0.1", 8866, "/", 2, "s3cret")
OPTIONS = options(PLACE)


def test_visitors_kernels_inherit_no_secret_of_the_operator() -> None:
    environment = dict.fromkeys(("CMTOOLS_KEY", "CMTOOLS_PEPPER", "CMTOOLS_DATABASE", "JUPYTER_TOKEN", "HOME"), "x")
    prepare(environment)
    assert set(environment) == {"HOME", "JUPYTER_PATH"}


def test_a_page_that_needs_the_key_keeps_it_and_nothing_else() -> None:
    environment = dict.fromkeys(("CMTOOLS_KEY", "CMTOOLS_PEPPER", "CMTOOLS_DATABASE", "JUPYTER_TOKEN"), "x")
    prepare(environment, keep_key=True)
    assert set(environment) == {"CMTOOLS_KEY", "JUPYTER_PATH"}


def test_template_is_where_jupyter_looks_for_it() -> None:
    assert (TEMPLATES / "voila" / "templates" / TEMPLATE / "index.html.j2").is_file()


def test_notebook_is_for_its_owner_alone_and_gone_at_the_end() -> None:
    with home(Page("1 + 1", "A sum", "sum")) as notebook:
        assert notebook.parent.stat().st_mode & 0o077 == 0
        assert "1 + 1" in notebook.read_text(encoding="utf-8")
    assert not notebook.parent.exists()


def test_page_cannot_choose_template_or_theme() -> None:
    page = OPTIONS["VoilaConfiguration"]
    assert (page["allow_template_override"], page["allow_theme_override"], page["file_allowlist"]) == ("NO", "NO", [])


def test_kernels_of_visitors_who_left_end() -> None:
    kernels = OPTIONS["MappingKernelManager"]
    assert 0 < kernels["cull_idle_timeout"] <= 3600
    assert not kernels["cull_connected"]


def test_messages_of_kernels_do_not_cross_a_port() -> None:
    assert OPTIONS["KernelManager"]["transport"] == "ipc"


@pytest.mark.parametrize(("base", "path"), [("/", "/"), ("", "/"), ("portal", "/portal/"), ("/a/b/", "/a/b/")])
def test_path_has_a_slash_at_both_ends(base: str, path: str) -> None:
    assert Place("127.0.0.1", 1, base, 1).path == path


@pytest.mark.parametrize(("here", "let_in"), [(0, True), (1, True), (2, False), (3, False)])
def test_so_many_visitors_and_no_more_are_let_in(here: int, let_in: bool) -> None:
    hook = OPTIONS["VoilaConfiguration"]["prelaunch_hook"]
    request = SimpleNamespace(xsrf_token=b"", kernel_manager=SimpleNamespace(list_kernel_ids=lambda: ["k"] * here))
    if let_in:
        hook(request, notebook=None, cwd="")
    else:
        with pytest.raises(HTTPError) as refused:
            hook(request, notebook=None, cwd="")
        assert refused.value.status_code == 503
