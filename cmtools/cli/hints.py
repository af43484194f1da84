"""Errors that tell how to do better in Python, told as options of the command line. It changes no other word."""

from __future__ import annotations

import re

from ..errors import CmtoolsError

HINTS = {
    r"such as thresholds=\{'([^']+)': ([\d.]+)\}": r"such as --tagger 'scores:FILE?\1=\2'",
    r"Say which column is of which tag, such as tags=\{'a': 'nsfw'\}": (
        "Name the columns that are tags, such as --tagger 'scores:FILE?nsfw=0.5'"
    ),
    r"such as threshold=\{'([^']+)': ([\d.]+)\}": r"such as --threshold \1=\2",
    r"^threshold names ": "--threshold names ",
    r"^(content|id|tags) names the column ": r"--\1 names the column ",
    r"Name it with content='\.\.\.'": "Name it with --content COLUMN",
    r"with id='\.\.\.'": "with --id COLUMN",
    r"tags=\{'xy': (['\"])(.*?)\1\}": r"--tags 'xy=\2'",
    r"^(content|id|tags)= names columns, but the source is no table; give a DataFrame or a CSV file": (
        r"--\1 names columns, but the source is no table; give a CSV, TSV or JSONL file"
    ),
    r"read the (\.\w+) table (.+) with pandas and give the DataFrame": (
        r"a \1 table is not read: save \2 as CSV, TSV or JSONL"
    ),
    r"read it with pandas\.read_csv\(\.\.\., encoding=\.\.\.\) and give the DataFrame": "save it as UTF-8",
}
"""What `drafts` and `taggers` say to those who write Python -> what is meant here; patterns of `re`."""


def of_the_shell(error: CmtoolsError) -> CmtoolsError:
    """The same error, its hints told as options.

    Where a tagger of somebody's own gave a score without a threshold, no option helps, and the hint stays.

    Examples
    --------
    >>> from cmtools.errors import BadTag
    >>> str(of_the_shell(BadTag("0.7 is a score; such as threshold={'a': 0.5}", where="row 1")))
    'row 1: 0.7 is a score; such as --threshold a=0.5'
    """
    message = error.message
    if not (error.where or "").startswith("tagger"):
        for python, shell in HINTS.items():
            message = re.sub(python, shell, message)
    return error if message == error.message else type(error)(message, where=error.where)
