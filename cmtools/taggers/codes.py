"""The short codes that the taggers of clouds share, so that one tag means the same whoever is asked. No rules."""

from __future__ import annotations

from ..tags import BUILT_IN, Tag

CLOUD_TAGS: tuple[Tag, ...] = (
    *BUILT_IN,
    Tag("mi", "isminor", "Sexual content that involves minors"),
    Tag("vi", "isviolent", "Violence, injury or weapons"),
    Tag("gr", "isgraphic", "Gore, corpses and other disturbing sights"),
    Tag("ha", "ishateful", "Hate against a group, and its symbols"),
    Tag("hr", "isharassing", "Harassment of a person"),
    Tag("sh", "isselfharm", "Self-harm and suicide"),
    Tag("dr", "isdrugs", "Drugs and tobacco"),
    Tag("al", "isalcohol", "Alcohol"),
    Tag("ga", "isgambling", "Gambling"),
    Tag("il", "isillicit", "Advice on how to do wrong"),
    Tag("of", "isoffensive", "Offensive language and rude gestures"),
    Tag("p", "isprofane", "A listed term was found"),
)
"""Every tag that some cloud gives; a team needs those of the clouds it asks: ``client.add_tag("vi", "isviolent")``."""
