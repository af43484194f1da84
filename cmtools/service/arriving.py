"""Rules of golden items on their way in: their answers are the team's tags, and nothing tells them from the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import SystemRandom

from ..errors import BadTag
from ..model import Draft
from .context import Context


def disguised(ctx: Context, drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts, of which golden ones have the weight, stratum and callback of one of the others, taken by chance.

    They are blind where that one is. So nothing that is shown of a review with its content tells that it is golden; no
    figure is made of them, and no callback sent.

    Raises
    ------
    BadTag
        Naming a known answer that is of no tag of the team.
    """
    if all(draft.truth is None for draft in drafts):
        return list(drafts)
    tags = ctx.tags()
    others = [draft for draft in drafts if draft.truth is None]
    chance = SystemRandom()
    found: list[Draft] = []
    for index, draft in enumerate(drafts):
        if draft.truth is not None:
            for code in draft.truth:
                if code not in tags:
                    known = ", ".join(tags)
                    raise BadTag(f"the team has no tag {code!r}; it has {known}", where=f"[{index}].Truth")
            draft = replace(draft, truth={tags[code].short_code: value for code, value in draft.truth.items()})
            if others:
                like = chance.choice(others)
                draft = replace(draft, weight=like.weight, stratum=like.stratum, blind=like.blind)
                draft = replace(draft, callback_endpoint=like.callback_endpoint)
        found.append(draft)
    return found
