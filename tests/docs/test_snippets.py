"""What stands in fenced blocks is right: Python runs from top to bottom, the rest is read by what reads it."""

from __future__ import annotations

import configparser
import json
import os
from pathlib import Path

import pytest

from cmtools.service.embedded import Service
from tests.docs.pages import DOCUMENTS, blocks, name_of, python_of

LANGUAGES = {"python", "sh", "ini", "json", "text"}
"""Lines of a shell are checked by test_commands; plain text by people."""

WITH_PYTHON = [document for document in DOCUMENTS if python_of(document)]


@pytest.mark.parametrize("document", WITH_PYTHON, ids=name_of)
def test_python_runs_from_top_to_bottom(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "snippets"}
    try:
        for number, code in enumerate(python_of(document), start=1):
            exec(compile(code, f"{name_of(document)}, block {number} of python", "exec"), names)
    finally:
        for value in names.values():
            if isinstance(value, Service):
                value.stop()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_blocks_say_what_they_are_written_in(document: Path) -> None:
    assert {language for language, _ in blocks(document)} <= LANGUAGES


def test_settings_files_and_json_can_be_read() -> None:
    for document in DOCUMENTS:
        for language, content in blocks(document):
            if language == "json":
                json.loads(content)
            elif language == "ini":
                read = configparser.ConfigParser(interpolation=None)
                read.read_string(content, source=os.fspath(document))
                assert read.sections()
