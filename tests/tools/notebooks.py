"""`python -m tests.tools.notebooks` runs the notebooks twice and keeps the outputs of the first run (`make notebooks`).

An output is kept where it is text and the same in both runs. A cell that shows a widget, a chart or a picture, or text
that changes, carries the tag ``nbval-ignore-output`` and is kept without. People read the difference that it makes.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbval.plugin import get_sanitize_patterns

FOLDER = Path(__file__).parents[2] / "notebooks"
SANITIZE = Path(__file__).parents[1] / "notebooks.cfg"
IGNORED = "nbval-ignore-output"
KEPT = {"text/plain", "text/html"}
SECONDS_FOR_A_CELL = 120

Notebook = dict[str, Any]


def notebooks(named: str = "") -> list[Path]:
    """The notebooks of the project, in their order; those alone whose names begin so."""
    return sorted(FOLDER.glob(f"{named}*.ipynb"))


def read(path: Path) -> Notebook:
    found: Notebook = json.loads(path.read_text(encoding="utf-8"))
    return found


def write(path: Path, notebook: Mapping[str, Any]) -> None:
    """As JupyterLab writes it."""
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def code_cells(notebook: Notebook) -> list[Notebook]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def is_ignored(cell: Notebook) -> bool:
    return IGNORED in cell["metadata"].get("tags", [])


def surroundings(folder: Path) -> dict[str, str]:
    """What a kernel in this folder finds around it: our commands first on the path, nothing of anybody's Jupyter."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("CMTOOLS_")},
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "XDG_RUNTIME_DIR": str(folder / ".run"),
        "IPYTHONDIR": str(folder / ".ipython"),
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYTHONWARNINGS": "default",
    }


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def run(path: Path) -> list[list[Notebook]]:
    """Run a notebook where it lies; gives the outputs of each of its code cells."""
    notebook = nbformat.read(path, as_version=4)
    with _environment(surroundings(path.parent)):
        resources = {"metadata": {"path": str(path.parent)}}
        options = {"timeout": SECONDS_FOR_A_CELL, "kernel_name": "python3", "coalesce_streams": True}  # as nbval does
        client = NotebookClient(notebook, resources=resources, **options)
        client.execute()
    return [cell["outputs"] for cell in code_cells(notebook)]


def tidied(outputs: list[Notebook]) -> list[Notebook]:
    """The outputs as they are kept: no counts, and texts as lists of lines."""
    kept = []
    for output in outputs:
        one = dict(output) | ({"execution_count": None} if "execution_count" in output else {})
        if "data" in one:
            one["data"] = {kind: _lines(content) for kind, content in sorted(one["data"].items())}
        if "text" in one:
            one["text"] = _lines(one["text"])
        kept.append(one)
    return kept


def _lines(content: object) -> object:
    return content.splitlines(keepends=True) if isinstance(content, str) else content


def sanitized(outputs: list[Notebook]) -> str:
    """The outputs as nbval compares them, with what may differ replaced."""
    text = json.dumps(tidied(outputs), ensure_ascii=False, indent=1, sort_keys=True)
    for pattern, replacement in get_sanitize_patterns(SANITIZE.read_text(encoding="utf-8")):
        text = re.sub(pattern, replacement, text)
    return text


def difference(outputs: list[Notebook], again: list[Notebook]) -> str:
    """The lines that two runs do not share."""
    lines = difflib.unified_diff(sanitized(outputs).splitlines(), sanitized(again).splitlines(), n=0, lineterm="")
    return "\n".join(lines)


def unfit(outputs: list[Notebook]) -> list[str]:
    """The kinds of output that are not kept."""
    kinds = {kind for output in outputs for kind in output.get("data", {})} - KEPT
    return sorted(kinds | {output["name"] for output in outputs if output.get("name") == "stderr"})


def keep(path: Path) -> list[str]:
    """Run a notebook twice in a new folder and keep the outputs in the file; gives what a person should look at."""
    with tempfile.TemporaryDirectory(prefix="cmtools-nb-") as folder:
        copy = shutil.copy(path, folder)
        begun = time.monotonic()
        first, second = run(Path(copy)), run(Path(copy))
        print(f"{path.name}: {(time.monotonic() - begun) / 2:.1f} s a run", flush=True)
    notebook = read(path)
    remarks = []
    for number, (cell, outputs, again) in enumerate(zip(code_cells(notebook), first, second, strict=True), start=1):
        name = f"{path.stem}, [{number}] {''.join(cell['source'])[:50]!r}"
        if not is_ignored(cell) and (kinds := unfit(outputs)):
            remarks.append(f"{name}: shows {', '.join(kinds)}; give it the tag {IGNORED}")
        elif not is_ignored(cell) and sanitized(outputs) != sanitized(again):
            remarks.append(f"{name}: differs in the second run:\n{difference(outputs, again)}")
        cell["outputs"] = [] if is_ignored(cell) else tidied(outputs)
        cell["execution_count"] = number
        for output in cell["outputs"]:
            if "execution_count" in output:
                output["execution_count"] = number
    write(path, notebook)
    return remarks


def main(named: list[str]) -> int:
    chosen = sorted({path for name in named or [""] for path in notebooks(name)})
    remarks = [remark for path in chosen for remark in keep(path)]
    print("\n".join(remarks))
    return bool(remarks or not chosen)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
