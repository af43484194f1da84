"""The front door: the short list of names, each loaded when it is first used, each with a home and a docstring."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import cmtools

FACE = Path(cmtools.__file__)
HEAVY = {"altair", "anywidget", "duckdb", "fastapi", "numpy", "pandas", "PIL", "pydantic", "requests", "sqlalchemy"}


def names_for_type_checkers() -> set[str]:
    """What the face imports under TYPE_CHECKING."""
    tree = ast.parse(FACE.read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    return {alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}


def test_importing_cmtools_loads_no_other_library() -> None:
    code = f"import sys, cmtools; sys.exit(', '.join(sorted({HEAVY} & set(sys.modules))) or 0)"
    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (outcome.returncode, outcome.stderr) == (0, "")


def test_public_names_are_sorted_and_few() -> None:
    assert cmtools.__all__ == sorted(cmtools.__all__)
    assert len(cmtools.__all__) <= 26


def test_public_names_are_the_same_for_people_and_for_type_checkers() -> None:
    assert set(cmtools.__all__) == names_for_type_checkers()


def test_dir_shows_the_public_names() -> None:
    assert set(dir(cmtools)) == {*cmtools.__all__, "__version__"}


def test_the_package_tells_type_checkers_that_it_has_types() -> None:
    assert (FACE.parent / "py.typed").exists()


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'dance'"):
        _ = cmtools.dance


@pytest.mark.parametrize("name", cmtools.__all__)
def test_each_public_name_loads_and_is_the_one_its_module_has(name: str) -> None:
    found = getattr(cmtools, name)
    home = found if isinstance(found, ModuleType) else import_module(found.__module__)
    assert home.__name__.startswith("cmtools.")
    assert isinstance(found, ModuleType) or getattr(home, name) is found


@pytest.mark.parametrize("name", cmtools.__all__)
def test_each_public_name_says_what_it_is_for(name: str) -> None:
    text = inspect.getdoc(getattr(cmtools, name)) or ""
    assert len(text.splitlines()) > 1 or text.endswith(".")


FUNCTIONS_AND_CLASSES = [
    name
    for name in cmtools.__all__
    if name not in cmtools._MODULES and name not in {"Draft", "Lease", "Review", "Submission", "Tag"}
]
"""Those that do something; the others are records, whose docstring lists their fields."""


@pytest.mark.parametrize("name", FUNCTIONS_AND_CLASSES)
def test_each_public_function_and_class_shows_an_example(name: str) -> None:
    assert ">>> " in (inspect.getdoc(getattr(cmtools, name)) or "")


def test_no_public_name_hides_a_module_of_the_same_name() -> None:
    modules = {path.stem for path in FACE.parent.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert set(cmtools.__all__) & modules == set(cmtools._MODULES)
