"""Links lead somewhere: to a file that is there, to a heading that is on it. Nothing outside is asked."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.docs.pages import DOCUMENTS, NOTEBOOKS, PAGES, README, REFERENCE, ROOT, anchors, links, name_of, text_of

ALL = [*DOCUMENTS, *NOTEBOOKS]
TO_A_NOTEBOOK = re.compile(r"\[([^\]]+)\]\((?:\.\./|notebooks/)?(\d\d_\w+\.ipynb)\)")
ROLE = re.compile(r"^\| `(?:administrator|lead|reviewer|submitter|auditor)` \|.+$", re.MULTILINE)


def faults(document: Path) -> list[str]:
    """The links of a document that lead nowhere."""
    found = []
    for link in links(document):
        parts = urlsplit(link)
        if parts.scheme:
            continue
        target = document.parent / parts.path if parts.path else document
        if not target.exists():
            found.append(f"{link}: there is no such file")
        elif parts.fragment and parts.fragment not in anchors(target):
            found.append(f"{link}: there is no such heading; there are {', '.join(sorted(anchors(target)))}")
    return found


@pytest.mark.parametrize("document", ALL, ids=name_of)
def test_links_lead_to_files_and_headings(document: Path) -> None:
    assert faults(document) == []


@pytest.mark.parametrize("document", ALL, ids=name_of)
def test_links_to_the_outside_are_secure_and_whole(document: Path) -> None:
    outside = [urlsplit(link) for link in links(document) if urlsplit(link).scheme]
    assert [parts.geturl() for parts in outside if parts.scheme != "https" or "." not in parts.netloc] == []


@pytest.mark.parametrize("document", [*PAGES, *NOTEBOOKS], ids=name_of)
def test_what_is_shipped_links_to_nothing_that_is_not(document: Path) -> None:
    folder = ROOT / "notebooks"
    near = [link for link in links(document) if not urlsplit(link).scheme and urlsplit(link).path]
    away = [link for link in near if not (document.parent / urlsplit(link).path).resolve().is_relative_to(folder)]
    assert away == []


def test_readme_and_index_lead_to_every_notebook_and_page() -> None:
    from_readme = {(ROOT / urlsplit(link).path).resolve() for link in links(README)}
    from_index = {(REFERENCE / urlsplit(link).path).resolve() for link in links(REFERENCE / "README.md")}
    pages = {page for page in PAGES if page.name != "README.md"}
    assert {path for path in [*NOTEBOOKS, *pages] if path not in from_readme} == set()
    assert pages - from_index == set()


def test_a_notebook_is_called_the_same_everywhere() -> None:
    names = {path: name for name, path in TO_A_NOTEBOOK.findall(text_of(README))}
    headings = {path.name: text_of(path).splitlines()[0] for path in NOTEBOOKS}
    assert {path: heading for path, heading in headings.items() if not heading.startswith(f"# {names[path]}")} == {}
    called = {(name_of(page), name, path) for page in ALL for name, path in TO_A_NOTEBOOK.findall(text_of(page))}
    assert {each for each in called if each[1].lower() != names[each[2]].lower()} == set()


def test_what_roles_may_stands_in_the_same_words_in_both_places() -> None:
    (notebook,) = (path for path in NOTEBOOKS if path.name.startswith("09_"))
    roles = ROLE.findall(text_of(REFERENCE / "team.md"))
    assert len(roles) == 5
    assert ROLE.findall(text_of(notebook)) == roles


def test_planted_faults_are_caught(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# One heading, two\n[b](b.md) [c](#one-heading-two) [d](#three) `[e](e.md)`\n")
    assert [fault.split(":")[0] for fault in faults(tmp_path / "a.md")] == ["b.md", "#three"]
