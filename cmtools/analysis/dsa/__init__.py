"""The sheet on automated means of an EU transparency report (DSA): written from estimates, and anybody's checked.

Article 15(1)(e) of Regulation (EU) 2022/2065 (Digital Services Act) has platforms publish how accurate their automated
means are; Implementing Regulation (EU) 2024/2835, Annex I, section 1.6, says in which table. This is that table alone,
"part 8" of the Commission's CSV template, and no legal advice. `template` says what is known of it and from where.

>>> from cmtools.analysis import dsa
>>> dsa.implied_positives("0.99", "0.95", "0.90").share
0.06785...
"""

from __future__ import annotations

from .checking import Check, check
from .filed import read_sheet8
from .implied import Implied, implied_positives
from .writing import sheet8, write_sheet8

__all__ = ["Check", "Implied", "check", "implied_positives", "read_sheet8", "sheet8", "write_sheet8"]
