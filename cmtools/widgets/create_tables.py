"""The tables that stand in the notebook, for a create form to begin with. It reads none of them."""

from __future__ import annotations

from typing import Any

from IPython.core.getipython import get_ipython

from ..drafts.sources import is_table


def tables_of_notebook() -> dict[str, Any]:
    """The notebook's own DataFrames by name; none outside of a notebook.

    Examples
    --------
    >>> tables_of_notebook()
    {}
    """
    shell = get_ipython()
    names = dict(shell.user_ns) if shell is not None else {}
    return {name: value for name, value in names.items() if not name.startswith("_") and is_table(value)}
