"""The small forms of the single text: each of one operation, with what was sent still in it."""

from __future__ import annotations

from typing import Any

from django import template
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag(takes_context=True)
def do_form(context: dict[str, Any], operation: str, **fixed: Any) -> SafeString:
    """The beginning of a form that does one operation; the page closes it."""
    single, request = context["single"], context["request"]
    hidden = {"csrfmiddlewaretoken": get_token(request), "version": single.version}
    hidden |= {"op": operation, "place": context["place"].number, **fixed}
    return format_html(
        '<form method="post" action="{}">{}',
        reverse("single-do", args=[single.room_id, single.id]),
        format_html_join("", '<input type="hidden" name="{}" value="{}">', hidden.items()),
    )


@register.simple_tag(takes_context=True)
def is_open(context: dict[str, Any], operation: str, **fixed: Any) -> SafeString:
    """Whether a form was just sent and refused: then it stands open, with what was in it."""
    return SafeString(" open") if _is_given(context, operation, fixed) else SafeString("")


@register.simple_tag(takes_context=True)
def words_field(context: dict[str, Any], name: str, operation: str, of: object) -> SafeString:
    """Where one writes the words that one proposes."""
    label = _("The new paragraph") if operation == "insert" else _("The words that you propose")
    return _area(context, name, operation, of, label)


@register.simple_tag(takes_context=True)
def part_field(context: dict[str, Any], operation: str, of: object) -> SafeString:
    """Which words of those that stand there one would replace."""
    if operation == "within":
        return _line(context, "words", operation, of, _("The words as they stand"), "")
    hint = _("Copy them from the text. Leave it empty to propose other words for all of it.")
    return _line(context, "words", operation, of, _("The words as they stand"), hint)


@register.simple_tag(takes_context=True)
def why_field(context: dict[str, Any], operation: str, of: object) -> SafeString:
    """Why; everybody in the room can read it."""
    return _line(context, "why", operation, of, _("Why, for all to read"), _("May be left empty."))


@register.simple_tag(takes_context=True)
def choose_wording(context: dict[str, Any], bracket: Any, operation: str) -> SafeString:
    """One of the wordings of a bracket."""
    chosen = _sent(context, operation, "alternative", bracket.id)
    options = format_html_join(
        "",
        '<option value="{}"{}>{}.{} {}</option>',
        (
            (w.number, _mark("selected", str(w.number) == chosen), bracket.id, w.number, w.words)
            for w in bracket.wordings
        ),
    )
    return format_html(
        '<div class="field"><label for="{0}">{1}</label>'
        '<select id="{0}" name="alternative">{2}</select></div>',
        f"{operation}-{bracket.id}-alternative",
        _("In which wording"),
        options,
    )


@register.simple_tag(takes_context=True)
def tick_wordings(context: dict[str, Any], bracket: Any) -> SafeString:
    """Several of the wordings of a bracket."""
    given = context.get("given")
    is_mine = given is not None and given.get("bracket") == bracket.id
    chosen = given.getlist("alternatives") if given is not None and is_mine else []
    boxes = format_html_join(
        "",
        '<label class="tick"><input type="checkbox" name="alternatives" value="{}"{}>'
        '<span dir="auto">{}.{} {}</span></label>',
        (
            (w.number, _mark("checked", str(w.number) in chosen), bracket.id, w.number, w.words)
            for w in bracket.wordings
        ),
    )
    legend = _("Which wordings")
    return format_html('<fieldset class="field"><legend>{}</legend>{}</fieldset>', legend, boxes)


def _mark(word: str, wanted: bool) -> SafeString:
    return SafeString(f" {word}") if wanted else SafeString("")


def _area(context: dict[str, Any], name: str, operation: str, of: object, label: str) -> SafeString:
    return format_html(
        '<div class="field"><label for="{0}">{1}</label>'
        '<textarea id="{0}" name="{2}" rows="3" maxlength="20000" dir="auto">{3}</textarea></div>',
        f"{operation}-{of}-{name}",
        label,
        name,
        _sent(context, operation, name, of),
    )


def _line(
    context: dict[str, Any], name: str, operation: str, of: object, label: str, hint: str
) -> SafeString:
    return format_html(
        '<div class="field"><label for="{0}">{1}</label><p class="help" id="{0}-help">{2}</p>'
        '<input id="{0}" name="{3}" value="{4}" maxlength="20000" dir="auto"'
        ' aria-describedby="{0}-help"></div>',
        f"{operation}-{of}-{name}",
        label,
        hint,
        name,
        _sent(context, operation, name, of),
    )


def _sent(context: dict[str, Any], operation: str, name: str, of: object) -> str:
    """What was sent in a field and refused."""
    place = context["place"]
    fixed = {"bracket": of} if isinstance(of, str) else {}
    if str(_value(context, "place")) != str(place.number):
        return ""
    return _value(context, name) if _is_given(context, operation, fixed) else ""


def _is_given(context: dict[str, Any], operation: str, fixed: dict[str, Any]) -> bool:
    wanted = {"op": operation, **fixed}
    return context.get("given") is not None and all(
        _value(context, key) == str(value) for key, value in wanted.items()
    )


def _value(context: dict[str, Any], name: str) -> str:
    given = context.get("given")
    return str(given.get(name, "")) if given is not None else ""
