"""What the styles of a Word file say of a paragraph: heading, title, list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from parley.texts.word.numbering import Lists, W

_HEADING = re.compile(r"heading\s*(\d)", re.IGNORECASE)
_LEVELS = 9


@dataclass(frozen=True)
class Style:
    """One paragraph style."""

    heading: int = 0
    title: bool = False
    number: tuple[str | None, int | None] = (None, None)
    based_on: str | None = None
    known: bool = False


NONE = Style()


@dataclass(frozen=True)
class Styles:
    """The paragraph styles of a file."""

    by_id: dict[str, Style]
    default: str | None = None

    def of(self, properties: etree._Element | None) -> Style:
        """Heading level and title of a paragraph, from its own properties and its styles."""
        styles = list(self.chain(properties))
        heading = next((s.heading for s in styles if s.heading), 0)
        own = _level(properties)
        return Style(heading if own is None else own, any(s.title for s in styles[:1]))

    def chain(self, properties: etree._Element | None) -> Iterator[Style]:
        """The style of a paragraph, and those that it is based on."""
        name = self.default if properties is None else _value(properties, "pStyle") or self.default
        for _ in range(20):  # a circle of styles ends here
            style = self.by_id.get(name or "")
            if style is None:
                return
            yield style
            name = style.based_on

    def name_of(self, properties: etree._Element | None) -> str | None:
        """The identifier of the style of a paragraph."""
        return None if properties is None else _value(properties, "pStyle")


def styles_of(root: etree._Element | None) -> Styles:
    """The paragraph styles of a styles part."""
    if root is None:
        return Styles({})
    found: dict[str, Style] = {}
    default = None
    for node in root.iterchildren(f"{W}style"):
        if node.get(f"{W}type") != "paragraph":
            continue
        name = str(node.get(f"{W}styleId"))
        if node.get(f"{W}default") in {"1", "true"}:
            default = name
        found[name] = _style(node)
    return Styles(found, default)


def _style(node: etree._Element) -> Style:
    name = _value(node, "name") or ""
    heading = _HEADING.fullmatch(name)
    properties = node.find(f"{W}pPr")
    level = _level(properties)
    return Style(
        int(heading[1]) if heading else level or 0,
        name.lower() in {"title", "subtitle"},
        _number(properties),
        _value(node, "basedOn"),
        True,
    )


def _level(properties: etree._Element | None) -> int | None:
    value = None if properties is None else _value(properties, "outlineLvl")
    if value is None:
        return None
    return int(value) + 1 if int(value) < _LEVELS else 0


def _value(node: etree._Element, name: str) -> str | None:
    found = node.find(f"{W}{name}")
    return None if found is None else found.get(f"{W}val")


def _number(properties: etree._Element | None) -> tuple[str | None, int | None]:
    node = None if properties is None else properties.find(f"{W}numPr")
    if node is None:
        return None, None
    level = _value(node, "ilvl")
    return _value(node, "numId"), None if level is None else int(level)


def number_in(
    properties: etree._Element | None, styles: Styles, lists: Lists
) -> tuple[str, int] | None:
    """Instance and level of the list that a paragraph belongs to; ``None`` if to none."""
    number, level = _number(properties)
    for style in styles.chain(properties):
        number = style.number[0] if number is None else number
        level = style.number[1] if level is None else level
    if number is None or number == "0" or number not in lists.levels:
        return None
    if level is None:
        name = styles.name_of(properties)
        level = lists.by_style.get((lists.list_of[number], name or ""), 0)
    return number, level
