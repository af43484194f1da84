"""What stands in part 8 of the template: its columns, indicators and scopes, in order. Nothing is read or written here.

Sources. Commission Implementing Regulation (EU) 2024/2835 of 4 November 2024, Annex I, section 1.6 "Use of automated
means for content moderation and indicators of accuracy" (for Articles 15(1)(b), (c), (e) and 42(2)(c) of the Digital
Services Act), and the Commission's English CSV of it, "part 8" of ten (newsroom document 113338; SHA-256
1a687f468468b25b214f505c4a6cb906d6ee8cc80d20f5a60eca383cc1bea71d): the eight columns; per scope two counts, then
accuracy, precision and recall; measures for ``Total number`` and ``Own-initiative``, notices for the scopes of the
notice and action mechanism (NAM); after these the official languages of the Union, by indicator. Reports are published
as CSV after RFC 4180, in UTF-8.

Figures of accuracy are shares between 0 and 1 with a point: that is how most filers fill the sheet. Percentages
("86 %") and decimal commas ("0,86") occur too, and so do several tools per scope, each with its name in the contextual
information, Member States in the place of languages, and cells of a merged column left blank; reading takes them all.
"""

from __future__ import annotations

from difflib import get_close_matches

COLUMNS = (
    *("Applicability", "Service", "Reporting period", "Section", "Indicator", "Scope", "Value"),
    "Contextual Information",
)
SECTION = "Use of automated means for content moderation"

COUNTS = {
    "measures_automated": "Number of measures solely taken by automated means",
    "measures_other": "Number of measures not taken by automated means",
    "notices_automated": "Number of notices solely processed by automated means",
    "notices_other": "Number of notices not processed by automated means",
}
"""The indicators that are counts, by the name that `write_sheet8` takes them under."""
ACCURACY = {
    "accuracy": "Accuracy of the automated means - Accuracy",
    "precision": "Accuracy of the automated means - Precision",
    "recall": "Accuracy of the automated means - Recall",
}
"""The indicators that are shares, by the name of their metric."""
INDICATORS = {**COUNTS, **ACCURACY}

TOTAL, OWN, NAM, TRUSTED = "Total number", "Own-initiative", "NAM Total", "NAM Trusted Flagger"
SCOPES = (TOTAL, OWN, NAM, TRUSTED)
NOTICES = (NAM, TRUSTED)
"""The scopes that count notices; the others count measures."""
LANGUAGES = (
    *("bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr"),
    *("hu", "it", "lt", "lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv"),
)
"""The official languages of the Union, for which very large platforms report."""
LANGUAGE_NAMES = (
    *("Bulgarian", "Czech", "Danish", "German", "Greek", "English", "Spanish", "Estonian", "Finnish", "French"),
    *("Irish", "Croatian", "Hungarian", "Italian", "Lithuanian", "Latvian", "Maltese", "Dutch", "Polish"),
    *("Portuguese", "Romanian", "Slovak", "Slovenian", "Swedish"),
)
"""The same in English, in the same order."""
_STATES = (
    *("AT Austria", "BE Belgium", "BG Bulgaria", "HR Croatia", "CY Cyprus", "CZ Czechia", "DK Denmark", "EE Estonia"),
    *("FI Finland", "FR France", "DE Germany", "EL Greece", "GR Greece", "HU Hungary", "IE Ireland", "IT Italy"),
    *("LV Latvia", "LT Lithuania", "LU Luxembourg", "MT Malta", "NL Netherlands", "PL Poland", "PT Portugal"),
    *("RO Romania", "SK Slovakia", "SI Slovenia", "ES Spain", "SE Sweden"),
)
MEMBER_STATES = {each[:2]: each[3:] for each in _STATES}
"""By code; Greece has two."""
ALIASES = {"total": TOTAL, "all": TOTAL, "own initiative": OWN, "nam": NAM, "notices": NAM, "trusted flaggers": TRUSTED}
"""What the scopes are called now and then."""
_PLACES = (*LANGUAGES, *LANGUAGE_NAMES, *MEMBER_STATES, *MEMBER_STATES.values())
_KNOWN = frozenset((*SCOPES, *(place.casefold() for place in _PLACES)))

PROVIDERS = {"intermediary": SCOPES[:2], "hosting": SCOPES[:3], "platform": SCOPES, "vlop": SCOPES}
"""Which scopes apply to which kind of provider."""
APPLICABILITY = {
    NAM: "Only for providers of hosting services, including online platforms",
    TRUSTED: "Only for providers of online platforms",
}
"""Whom a scope is for, where not for all."""
OF_LANGUAGES = "Only for VLOPs"


def applicability(scope: str) -> str:
    """The first column of a scope's rows.

    Examples
    --------
    >>> applicability("Own-initiative"), applicability("NAM Trusted Flagger"), applicability("de")
    ('All', 'Only for providers of online platforms', 'Only for VLOPs')
    """
    return APPLICABILITY.get(scope, "All" if scope in SCOPES else OF_LANGUAGES)


def is_scope(name: str) -> bool:
    """Whether it is a scope of the template, an official language or a Member State, by code or English name.

    Examples
    --------
    >>> is_scope("Total number"), is_scope("Germany"), is_scope("de"), is_scope("Total")
    (True, True, True, False)
    """
    return name in SCOPES or name.casefold() in _KNOWN


def meant(name: str) -> str:
    """The scope that a name is near to; empty where there is none.

    Examples
    --------
    >>> meant("Total"), meant("own-initiative"), meant("Trusted flagger"), meant("Krypton")
    ('Total number', 'Own-initiative', 'NAM Trusted Flagger', '')
    """
    near = {place.casefold(): place for place in (*LANGUAGE_NAMES, *MEMBER_STATES.values())}
    near |= ALIASES | {scope.casefold(): scope for scope in SCOPES}
    found = get_close_matches(name.strip().casefold(), list(near), 1, 0.7)
    return near[found[0]] if found else ""


def counts_of(scope: str) -> tuple[str, str]:
    """The two counts that a scope has, by name.

    Examples
    --------
    >>> counts_of("NAM Total")
    ('notices_automated', 'notices_other')
    """
    kind = "notices" if scope in NOTICES else "measures"
    return f"{kind}_automated", f"{kind}_other"
