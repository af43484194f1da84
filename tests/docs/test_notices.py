"""Nothing of others is used without saying so: each dependency has a row with its licence, each photograph its own."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement

import cmtools as cm
from tests.docs.pages import ROOT, text_of
from tests.tools import axe, node

NOTICES = ROOT / "THIRD_PARTY_NOTICES.md"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
GROUPS = {"core": PROJECT["dependencies"], **PROJECT["optional-dependencies"]}
CLASSIFIED = {"MIT License": "MIT", "BSD License": "BSD", "Apache Software License": "Apache-2.0"}


def table(heading: str) -> dict[str, list[str]]:
    """The rows under a heading: first column without marks -> the others."""
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", text_of(NOTICES), flags=re.MULTILINE | re.DOTALL)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:2] == "| "]
    return {row[0].strip("`"): row[1:] for row in rows[1:]}


def licence_of(name: str) -> str:
    """The first licence that an installed package names."""
    facts = metadata.metadata(name)
    classified = [value.rpartition(" :: ")[2] for value in facts.get_all("Classifier") or [] if "License" in value]
    said = facts["License-Expression"] or ("" if classified else facts["License"]) or CLASSIFIED[classified[0]]
    return said.split(" AND ")[0]


def declared() -> dict[str, set[str]]:
    """Each package that we ask for by name, and the groups that ask for it."""
    found: dict[str, set[str]] = {}
    for group, lines in GROUPS.items():
        for line in lines:
            found.setdefault(Requirement(line).name, set()).add(group)
    found.pop("cmtools")
    return found


def test_each_dependency_has_a_row_and_each_row_a_dependency() -> None:
    rows = table("Packages")
    assert {name: set(asked.split(", ")) for name, (asked, *_) in rows.items()} == declared()


@pytest.mark.parametrize("name", sorted(declared()))
def test_licence_is_the_one_that_the_package_names(name: str) -> None:
    assert table("Packages")[name][1].startswith(licence_of(name))


def test_each_photograph_has_a_row_with_its_own_licence() -> None:
    rows = table("Photographs")
    assert {name: (author, licence) for name, (author, licence, _) in rows.items()} == {
        each.name: (each.author, each.licence) for each in cm.samples.photographs()
    }


def test_what_tests_fetch_is_named() -> None:
    text = text_of(NOTICES)
    assert f"axe-core {axe.VERSION}" in text
    assert f"TypeScript {node.TYPESCRIPT}" in text
