"""Every widget's script is sound: Node.js reads it, and TypeScript finds no name or call that is not there."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import anywidget
import pytest

from cmtools import widgets
from tests.tools import node

STATIC = Path(widgets.__file__).parent / "static"
SCRIPTS = sorted(STATIC.glob("*.js"))
BROWSER = (
    *("--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"),
    *("--lib", "es2022,dom,dom.iterable", "--strict", "--noImplicitAny", "false"),
)
"""How TypeScript is to read a script: for today's browsers, strictly, but asking for no type where none is given."""

COMMENT = re.compile(r"/\*\*.*?\*/")
OF_TYPES = re.compile(r"error TS(2(?!300|304|451|552)\d{3}|7\d{3}|18\d{3})\b")
"""Faults of types, other than a name that is not there (2304, 2552) or there twice (2300, 2451)."""


def widget_classes() -> list[type[anywidget.AnyWidget]]:
    for module in pkgutil.iter_modules(widgets.__path__, f"{widgets.__name__}."):
        importlib.import_module(module.name)
    found, todo = [], [anywidget.AnyWidget]
    while todo:
        subclasses = todo.pop().__subclasses__()
        todo += subclasses
        found += [cls for cls in subclasses if cls.__module__.startswith("cmtools.") and "_esm" in vars(cls)]
    return found


WIDGETS = widget_classes()


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """For each widget the one module that a browser gets."""
    folder = tmp_path_factory.mktemp("joined")
    paths = [folder / f"{widget.__name__}.mjs" for widget in WIDGETS]
    for path, widget in zip(paths, WIDGETS, strict=True):
        path.write_text(str(getattr(widget, "script", widget._esm)), encoding="utf-8")
    return paths


def test_there_are_widgets_and_scripts_to_check() -> None:
    assert WIDGETS
    assert SCRIPTS


def test_node_reads_the_joined_modules(joined: list[Path]) -> None:
    assert [node.syntax_faults(path) for path in joined] == [""] * len(joined)


def test_typescript_knows_every_name_in_the_joined_modules(joined: list[Path], tmp_path: Path) -> None:
    """Types are read in the separate files; joining drops the comments that say them, and must not drop a name."""
    bare = [tmp_path / path.name for path in joined]
    for path, there in zip(bare, joined, strict=True):
        path.write_text(COMMENT.sub("", there.read_text(encoding="utf-8")), encoding="utf-8")
    faults = node.type_faults(*bare, options=BROWSER)
    assert [line for line in faults.splitlines() if "error" in line and not OF_TYPES.search(line)] == []


def test_typescript_finds_no_fault_in_the_separate_files() -> None:
    assert node.type_faults(*SCRIPTS, options=BROWSER) == ""


def test_the_joined_modules_import_nothing_from_elsewhere(joined: list[Path]) -> None:
    for text in (path.read_text(encoding="utf-8") for path in joined):
        assert "import " not in "".join(line for line in text.splitlines() if line.startswith("import"))
        assert "http://" not in text.replace("http://www.w3.org/", "")
        assert "https://" not in text


def test_a_planted_fault_is_caught(tmp_path: Path) -> None:
    planted = tmp_path / "planted.mjs"
    planted.write_text("const twice = 1;\nconst twice = 2;\n", encoding="utf-8")
    assert "already been declared" in node.syntax_faults(planted)
    planted.write_text("export default () => nowhere.render();\n", encoding="utf-8")
    told = node.type_faults(planted, options=BROWSER)
    assert "Cannot find name 'nowhere'" in told
    assert not OF_TYPES.search(told)
