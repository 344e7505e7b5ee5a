"""The numbers that Word counts by itself: which label each paragraph has.

ECMA-376 part 1, 17.9: a paragraph refers to an instance (``num``) of a list (``abstractNum``), by
itself or through its style; each level has a start, a format and a text such as ``%1.%2``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from lxml import etree

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BULLET = "-"
_ROMANS = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)
_CYRILLIC = {
    "russianLower": "абвгдежзиклмнопрстуфхцчшщэюя",
    "russianUpper": "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ",
}
_ARABIC = "أبتثجحخدذرزسشصضطظعغفقكلمنهوي"


@dataclass(frozen=True)
class Level:
    """One level of a list."""

    start: int = 1
    format: str = "decimal"
    text: str = "%1."
    restart: int | None = None
    legal: bool = False


@dataclass(frozen=True)
class Lists:
    """The lists of a Word file: for each instance its list, its levels and where it starts anew."""

    levels: dict[str, dict[int, Level]]
    list_of: dict[str, str]
    starts: dict[str, dict[int, int]]
    by_style: dict[tuple[str, str], int]


def lists_of(root: etree._Element | None) -> Lists:
    """The lists that a numbering part declares."""
    if root is None:
        return Lists({}, {}, {}, {})
    abstract: dict[str, dict[int, Level]] = {}
    by_style: dict[tuple[str, str], int] = {}
    for node in root.iterchildren(f"{W}abstractNum"):
        name = str(node.get(f"{W}abstractNumId"))
        abstract[name] = {}
        for item in node.iterchildren(f"{W}lvl"):
            place = int(item.get(f"{W}ilvl", "0"))
            abstract[name][place] = _level(item)
            style = _value(item, "pStyle")
            if style:
                by_style[name, style] = place
    levels: dict[str, dict[int, Level]] = {}
    list_of: dict[str, str] = {}
    starts: dict[str, dict[int, int]] = {}
    for node in root.iterchildren(f"{W}num"):
        number = str(node.get(f"{W}numId"))
        name = _value(node, "abstractNumId") or ""
        list_of[number] = name
        levels[number] = dict(abstract.get(name, {}))
        starts[number] = {}
        for change in node.iterchildren(f"{W}lvlOverride"):
            place = int(change.get(f"{W}ilvl", "0"))
            inner = change.find(f"{W}lvl")
            if inner is not None:
                levels[number][place] = _level(inner)
            start = _value(change, "startOverride")
            if start is not None:
                starts[number][place] = int(start)
    return Lists(levels, list_of, starts, by_style)


def _value(node: etree._Element, name: str) -> str | None:
    found = node.find(f"{W}{name}")
    return None if found is None else found.get(f"{W}val")


def _level(node: etree._Element) -> Level:
    restart = _value(node, "lvlRestart")
    return Level(
        int(_value(node, "start") or 0),
        _value(node, "numFmt") or "decimal",
        _value(node, "lvlText") or "",
        None if restart is None else int(restart),
        node.find(f"{W}isLgl") is not None,
    )


@dataclass
class Counter:
    """Counts as Word does, paragraph after paragraph, in one version of the text."""

    lists: Lists
    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    begun: set[tuple[str, int]] = field(default_factory=set)

    def label(self, number: str, place: int) -> str:
        """The label of the next paragraph of this instance and level; may be empty."""
        levels = self.lists.levels.get(number)
        if levels is None or place not in levels:
            return ""
        level = levels[place]
        counts = self.counts.setdefault(self.lists.list_of[number], {})
        override = self.lists.starts[number].get(place)
        if override is not None and (number, place) not in self.begun:
            counts[place] = override
        else:
            counts[place] = counts.get(place, level.start - 1) + 1
        self.begun.add((number, place))
        for deeper in [k for k in counts if k > place]:
            rule = levels.get(deeper, Level()).restart
            if rule is None or place < rule:
                del counts[deeper]
        return self._text(level, levels, counts, place)

    def _text(
        self, level: Level, levels: dict[int, Level], counts: dict[int, int], place: int
    ) -> str:
        if level.format == "bullet":
            return BULLET
        if level.format == "none":
            return level.text if "%" not in level.text else ""
        text = level.text
        for k in range(place + 1):
            source = levels.get(k, Level())
            value = counts.get(k, source.start)
            how = "decimal" if level.legal else source.format
            text = text.replace(f"%{k + 1}", written(value, how))
        return text.strip()


def written(value: int, how: str) -> str:
    """A number as Word writes it in one of its formats."""
    if how in {"lowerLetter", "upperLetter"}:
        letters = _letters(value, "abcdefghijklmnopqrstuvwxyz")
        return letters.upper() if how == "upperLetter" else letters
    if how in {"lowerRoman", "upperRoman"}:
        roman = _roman(value)
        return roman.upper() if how == "upperRoman" else roman
    if how in _CYRILLIC:
        return _letters(value, _CYRILLIC[how])
    if how in {"arabicAlpha", "arabicAbjad"}:
        return _letters(value, _ARABIC)
    if how == "decimalZero":
        return f"{value:02}"
    return str(value)


def _letters(value: int, alphabet: str) -> str:
    """a … z, aa … zz: the letter repeated, as Word does it."""
    if value < 1:
        return str(value)
    times, k = divmod(value - 1, len(alphabet))
    return alphabet[k] * (times + 1)


def _roman(value: int) -> str:
    if not 0 < value < 4000:
        return str(value)
    result = ""
    for worth, letters in _ROMANS:
        while value >= worth:
            result += letters
            value -= worth
    return result
