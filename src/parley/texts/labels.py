"""Numbers of articles, paragraphs and points, as texts write them in several languages."""

from __future__ import annotations

import re

_ARTICLE = (
    r"article|art\.|section|clause|paragraph|"  # English, French
    r"статья|ст\.|пункт|раздел|стаття|розділ|"  # Russian, Ukrainian
    r"artículo|artikel|artigo|articolo|المادة|مادة"
)
_ANNEX = (
    r"annex|appendix|schedule|annexe|приложение|додаток|anexo|anlage|anhang|allegato|الملحق|ملحق"
)
_PART = r"part|chapter|title|partie|chapitre|titre|часть|глава|частина|parte|capítulo|teil|kapitel"
_NUMBER = r"(?:\d+(?:\.\d+)*(?:[a-zа-я]|bis|ter)?|[IVXLC]+|[A-ZА-Я])"
_BREAK = r"\s*(?:[.:)—–-]+\s*|\s+|$)"

_HEADING = re.compile(
    rf"(?P<label>(?P<word>(?i:{_ARTICLE}|{_ANNEX}|{_PART})(?=\s)|§)\s*(?P<number>{_NUMBER})(?!\w))"
    rf"{_BREAK}(?P<rest>.*)",
    re.DOTALL,
)
_BARE_ANNEX = re.compile(rf"(?P<label>{_ANNEX}){_BREAK}(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_NUMBERED_HEADING = re.compile(r"(?P<label>\d+(?:\.\d+)*)[.)]?\s+(?P<rest>\S.*)", re.DOTALL)

_BODY = (
    ("1.1", re.compile(r"(?P<label>\d{1,3}(?:\.\d{1,3})+\.?)(?=\s|$)")),
    ("1.", re.compile(r"(?P<label>\d{1,3}\.)(?=\s|$)")),
    ("1)", re.compile(r"(?P<label>\d{1,3}\))(?=\s|$)")),
    ("(1)", re.compile(r"(?P<label>\(\d{1,3}\))(?=\s|$)")),
    ("(a)", re.compile(r"(?P<label>\([a-zа-яєіїґ]{1,2}\))(?=\s|$)")),
    ("(i)", re.compile(r"(?P<label>\([ivxl]{2,7}\))(?=\s|$)")),
    ("(A)", re.compile(r"(?P<label>\([A-ZА-Я]\))(?=\s|$)")),
    ("a)", re.compile(r"(?P<label>[a-zа-яєіїґ]\))(?=\s|$)")),
    ("-", re.compile(r"(?P<label>[-–—•*‣◦])(?=\s)")),
)
_ROMAN = frozenset("ivxlc")
BULLET = "-"


def split_heading(text: str) -> tuple[str, str, str]:
    """Kind (``article``, ``annex``, ``part`` or empty), label and rest of a heading."""
    found = _HEADING.fullmatch(text)
    if found:
        word = found["word"].lower()
        return _kind_of(word), found["label"], found["rest"].strip()
    found = _BARE_ANNEX.fullmatch(text)
    if found:
        return "annex", found["label"], found["rest"].strip()
    found = _NUMBERED_HEADING.fullmatch(text)
    if found:
        return "article", found["label"], found["rest"].strip()
    return "", "", text


def _kind_of(word: str) -> str:
    if re.fullmatch(_ANNEX, word):
        return "annex"
    return "part" if re.fullmatch(_PART, word) else "article"


def opens_article(text: str) -> bool:
    """Whether a line by itself is clearly the heading of an article or annex, in any style."""
    found = _HEADING.fullmatch(text)
    if not found or len(text) > 160:
        return False
    closed = found["rest"].rstrip().endswith((".", ";", ","))
    return not closed and not found["rest"][:1].islower()


def split_label(text: str) -> tuple[str, str, str]:
    """Style, label and rest of the words of a paragraph; style and label may be empty."""
    for style, pattern in _BODY:
        found = pattern.match(text)
        if found:
            return style, found["label"], text[found.end() :].lstrip(" \u00a0")
    return "", "", text


def style_of(label: str) -> str:
    """The style of a label that is known to be one."""
    style, _, rest = split_label(f"{label} ")
    return style if not rest.strip() else "other"


def nested_style(style: str, label: str, last: dict[str, str]) -> str:
    """Tell the roman (i) from the letter i: a roman one begins below letters, or follows one.

    `last` maps the styles that are open to their last labels.
    """
    if style not in {"(a)", "a)"}:
        return style
    letters = label.strip("()")
    roman = {"(a)": "(i)", "a)": "i)"}[style]
    if not set(letters) <= _ROMAN:
        return style
    if roman in last:
        return roman
    before = last.get(style, "").strip("()")
    follows = len(before) == 1 and len(letters) == 1 and ord(letters) == ord(before) + 1
    return roman if letters == "i" and not follows else style
