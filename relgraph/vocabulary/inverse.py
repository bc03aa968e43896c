"""Names for the other end: a suggestion for a predicate that has none, and a look at whether a name reads as one."""

from __future__ import annotations

import re

_STRONG = {
    "knows": "known_by",
    "holds": "held_by",
    "makes": "made_by",
    "sells": "sold_by",
    "resells": "resold_by",
    "buys": "bought_by",
    "leads": "led_by",
    "pays": "paid_by",
    "writes": "written_by",
    "gives": "given_by",
    "takes": "taken_by",
    "sees": "seen_by",
    "meets": "met_by",
    "finds": "found_by",
    "feeds": "fed_by",
    "speaks": "spoken_by",
    "builds": "built_by",
    "teaches": "taught_by",
    "contains": "contained_in",
    "located_in": "location_of",
    "works_for": "has_worker",
    "reports_to": "has_report",
}
_PAST = {
    "acted_in": "features",
    "lives_in": "home_of",
    "works_at": "has_worker",
    "worked_at": "had_worker",
    "belongs_to": "includes",
    "wrote": "was_written_by",
    "sold": "was_sold_by",
    "bought": "was_bought_by",
}
"""Names as other tools have them; some are other tenses of the strong ones, so these are not read backwards."""
_WEAK = {inverse: name for name, inverse in _STRONG.items()}


def suggested_inverse(name: str) -> str:
    """Return a name that may read a predicate from its other end.

    >>> [suggested_inverse(one) for one in ("owns", "supplies", "head_of", "employed_by", "located_in")]
    ['owned_by', 'supplied_by', 'has_head', 'employs', 'location_of']
    """
    if name in _STRONG:
        return _STRONG[name]
    if name in _WEAK:
        return _WEAK[name]
    if name in _PAST:
        return _PAST[name]
    if re.fullmatch(r"[^_]+ed", name):
        return f"{name}_by"
    if name.endswith("_of") and len(name) > 3:
        return f"has_{name[:-3]}"
    if name.startswith("has_") and len(name) > 4:
        return f"{name[4:]}_of"
    if name.endswith("ied_by"):
        return f"{name[:-6]}ies"
    if name.endswith("ed_by") and len(name) > 6:
        stem = name[:-5]
        return f"{stem}es" if re.search(r"[cgsvzu]$|[^aeiou][lr]$", stem) else f"{stem}s"
    if re.fullmatch(r"\w+[^aeious_]ies", name):
        return f"{name[:-3]}ied_by"
    if re.fullmatch(r"\w+(ch|sh|ss|x)es", name):
        return f"{name[:-2]}ed_by"
    if re.fullmatch(r"\w+es", name):
        return f"{name[:-1]}d_by"
    if re.fullmatch(r"\w+[^s_]s", name):
        return f"{name[:-1]}ed_by"
    return f"inverse_of_{name}"


_SMALL_WORDS = frozenset(
    {
        "of",
        "by",
        "in",
        "at",
        "to",
        "with",
        "for",
        "from",
        "on",
        "as",
        "into",
        "under",
        "over",
        "via",
        "has",
        "is",
        "than",
    }
)
_NOUN_ENDINGS = ("er", "or", "ee", "ist", "ment", "tion", "sion", "ship", "ness", "ity", "ant", "ent", "ary", "ian")
_NOUNS = frozenset(
    {"account", "boss", "chief", "child", "client", "colleague", "contact", "friend", "head", "lead", "member"}
    | {"name", "owner", "partner", "peer", "person", "product", "site", "spouse", "team", "wife", "husband"}
)


def reads_as_noun(name: str) -> bool:
    """Return whether a name looks like an English noun, so that "X name Y" is no sentence.

    >>> [reads_as_noun(one) for one in ("account_manager", "account_managed_by", "manages_account", "partner_of")]
    [True, False, False, False]
    """
    words = name.split("_")
    if any(word in _SMALL_WORDS for word in words):
        return False
    if any(word.endswith(("s", "ed")) and not word.endswith(("ss", "us")) for word in words[:1]) and len(words) > 1:
        return False
    last = words[-1]
    return last in _NOUNS or (len(last) > 4 and last.endswith(_NOUN_ENDINGS))
