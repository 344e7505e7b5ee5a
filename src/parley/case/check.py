"""What is wrong with a file, in plain words: from raw data and a model to mistakes.

All mistakes are found at once, each with its line and what would mend it. What is checked across
things (references, rules) is in `parley.case.consistency` and `parley.record.check`.
"""

from __future__ import annotations

import difflib
import re
import typing
from collections.abc import Iterable, Iterator
from types import UnionType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from parley.case.file import Document, Path_
from parley.errors import Mistake

Model = TypeVar("Model", bound=BaseModel)


def validate(document: Document, model: type[Model]) -> tuple[Model | None, list[Mistake]]:
    """Read a document as `model`; ``None`` and all mistakes if it is not one."""
    try:
        return model.model_validate(document.data), []
    except ValidationError as error:
        return None, sorted(set(_mistakes(document, model, error)))


def valid_items(document: Document, key: str, model: type[Model]) -> list[tuple[int, Model]]:
    """The items of a list that can be read, with their places.

    Serves to look for further mistakes in a file that has some already.
    """
    found = []
    for k, item in enumerate(_as_list(document.data.get(key))):
        try:
            found.append((k, model.model_validate(item)))
        except ValidationError:
            continue
    return found


def twice(document: Document, path: Path_, items: Any) -> Iterator[Mistake]:
    """Mistakes for ids that stand more than once in a list."""
    seen: dict[str, int] = {}
    for k, item in enumerate(_as_list(items)):
        if not isinstance(item, dict) or not isinstance(item.get("id"), str):
            continue
        first = seen.setdefault(item["id"], k)
        if first != k:
            yield document.mistake(
                (*path, k, "id"),
                "id-twice",
                f"The id `{item['id']}` stands here twice "
                f"(first in line {document.line((*path, first, 'id'))}).",
                "Give each its own.",
            )


def did_you_mean(wanted: str, known: Iterable[str]) -> str:
    """A remedy that names the nearest known words, or some of them."""
    names = sorted(known)
    near = difflib.get_close_matches(wanted.lower(), names, n=1, cutoff=0.6)
    if near:
        return f"Did you mean `{near[0]}`?"
    if not names:
        return "There are none to name."
    return f"Known are: {', '.join(names[:12])}{' …' if len(names) > 12 else ''}."


def _mistakes(
    document: Document, model: type[BaseModel], error: ValidationError
) -> Iterator[Mistake]:
    details = error.errors(include_url=False)
    for detail in details:
        path, tags = _real_path(document.data, detail)
        if _is_of_other_branch(detail, document.data, path, tags):
            continue
        if detail["type"] == "too_short" and len(_at(document.data, path)) >= _least(detail):
            continue  # it is only short because items in it are wrong
        for code, what, remedy in _explain(detail, path, model):
            yield document.mistake(path, code, what, remedy)


def _real_path(data: Any, detail: ErrorDetails) -> tuple[Path_, tuple[str, ...]]:
    """The path in the file, and what pydantic put between (the branches of a union)."""
    path: list[str | int] = []
    tags: list[str] = []
    place = detail["loc"]
    missing = detail["type"] == "missing"
    for k, part in enumerate(place):
        if _has(data, part):
            path.append(part)
            data = data[part]
        elif missing and k == len(place) - 1:
            break
        else:
            tags.append(str(part))
    return tuple(path), tuple(tags)


def _has(data: Any, part: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(part, int) and part < len(data)
    return isinstance(data, dict) and part in data


def _is_of_other_branch(
    detail: ErrorDetails, data: Any, path: Path_, tags: tuple[str, ...]
) -> bool:
    """Whether the complaint is about a form that the writer clearly did not mean."""
    if not tags:
        return False
    tag = tags[0]
    depth = detail["loc"].index(tag)
    value = _at(data, path[:depth])
    if tag.startswith(("str-enum", "literal")):
        return isinstance(value, dict) or (isinstance(value, list) and "all" in tag)
    if tag.startswith("tuple"):
        return not isinstance(value, list)
    return not isinstance(value, dict)


def _at(data: Any, path: Path_) -> Any:
    for part in path:
        data = data[part]
    return data


def _least(detail: ErrorDetails) -> int:
    return int(detail.get("ctx", {}).get("min_length", 0))


def _explain(
    detail: ErrorDetails, path: Path_, model: type[BaseModel]
) -> Iterator[tuple[str, str, str]]:
    """Code, what is wrong and remedy; a complaint of our own may hold several."""
    kind, value = detail["type"], detail["input"]
    name = _name(path)
    if kind == "missing":
        key = str(detail["loc"][-1])
        yield "missing", f"`{key}` is missing{_inside(path)}.", f"Add a line `{key}: …`."
    elif kind == "extra_forbidden":
        known = _keys_at(model, path[:-1])
        yield "unknown-key", f"`{path[-1]}` is not a key here.", did_you_mean(str(path[-1]), known)
    elif kind == "value_error":
        for complaint in str(detail["ctx"]["error"]).split("\n"):
            first, _, rest = complaint.partition(": ")
            what = f"{name}: {first}" if name else first
            yield "value", f"{what}.", f"{rest[:1].upper()}{rest[1:]}." if rest else "Mend it here."
    else:
        yield _explain_value(kind, detail, name or "the file", value)


def _explain_value(kind: str, detail: ErrorDetails, name: str, value: Any) -> tuple[str, str, str]:
    context = detail.get("ctx", {})
    shown = _shown(value)
    if kind in {"enum", "literal_error"}:
        return _explain_choice(name, value, str(context["expected"]))
    if kind == "string_pattern_mismatch":
        return _explain_pattern(name, str(value), str(context["pattern"]))
    if kind in _BOUNDS:
        bound = next(iter(context.values()))
        number = f"{bound:g}" if isinstance(bound, int | float) else bound
        what = f"{name} is {shown}, but must be {_BOUNDS[kind]} {number}."
        return "out-of-range", what, "Give a value in that range."
    if kind in _LENGTHS:
        return "length", f"{name} {_LENGTHS[kind]}.", _length_remedy(kind, context)
    wanted, remedy = _TYPES.get(kind, ("something else", "See `parley schema` for the form."))
    return "type", f"{name} is {shown}, but must be {wanted}.", remedy


_BOUNDS = {
    "greater_than_equal": "at least",
    "greater_than": "more than",
    "less_than_equal": "at most",
    "less_than": "less than",
}
_LENGTHS = {
    "too_short": "has too few entries",
    "too_long": "has too many entries",
    "string_too_short": "is empty",
    "string_too_long": "is too long",
}
_TYPES = {
    "string_type": ("text", "Put it in quotation marks."),
    "float_type": ("a number", "Write a number without quotation marks."),
    "finite_number": ("a finite number", "Write a number."),
    "int_type": ("a whole number", "Write a whole number without quotation marks."),
    "bool_type": ("true or false", "Write true or false."),
    "bool_parsing": ("true or false", "Write true or false."),
    "tuple_type": ("a list", "Write it as [a, b], or each entry on a line of its own with a `-`."),
    "dict_type": ("a list of keys and values", "Write `key: value` lines below it."),
    "model_type": ("a list of keys and values", "Write `key: value` lines below it."),
}


def _length_remedy(kind: str, context: dict[str, Any]) -> str:
    if kind == "too_short":
        return f"Give at least {context['min_length']}."
    if kind == "too_long":
        return f"Give at most {context['max_length']}."
    return "Fill it in, or take the key out." if kind == "string_too_short" else "Shorten it."


def _explain_choice(name: str, value: Any, expected: str) -> tuple[str, str, str]:
    choices = re.findall(r"'([^']*)'", expected) or re.findall(r"\d+", expected)
    if len(choices) == 1:
        return "choice", f"{name} is {_shown(value)}.", f"It must be {choices[0]}."
    remedy = did_you_mean(str(value), choices)
    if remedy.startswith("Did"):
        remedy += f" It is one of: {', '.join(choices)}."
    else:
        remedy = f"It is one of: {', '.join(choices)}."
    return "choice", f"{name} is {_shown(value)}, which is not known here.", remedy


def _explain_pattern(name: str, value: str, pattern: str) -> tuple[str, str, str]:
    what = f"{name} is {_shown(value)}."
    if r"\." in pattern:
        return "option-reference", what, "An option is written issue.option, as `status.frozen`."
    slug = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")
    remedy = "It may hold small letters a-z, digits and hyphens"
    return "id", what, f"{remedy}, as `{slug}`." if slug else f"{remedy}."


def _name(path: Path_) -> str:
    """The name of what is wrong: its key, or the list that it is an item of."""
    keys = [part for part in path if isinstance(part, str)]
    if not keys:
        return ""
    if path and isinstance(path[-1], int):
        return f"entry {path[-1] + 1} of `{keys[-1]}`"
    return f"`{keys[-1]}`"


def _inside(path: Path_) -> str:
    return f" in {_name(path)}" if path else ""


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a list of keys and values"
    if isinstance(value, list):
        return "a list"
    text = str(value)
    return f"`{text[:60]}{'…' if len(text) > 60 else ''}`"


def _keys_at(model: type[BaseModel], path: Path_) -> list[str]:
    """The keys that are known at a place of the model."""
    here: Any = model
    for part in path:
        here = _step(here, part)
    owner = _model_in(here)
    if owner is None:
        return []
    return [field.alias or name for name, field in owner.model_fields.items()]


def _step(kind: Any, part: str | int) -> Any:
    owner = _model_in(kind)
    if isinstance(part, str) and owner is not None:
        for name, field in owner.model_fields.items():
            if part in {name, field.alias}:
                return field.annotation
    return kind


def _model_in(kind: Any) -> type[BaseModel] | None:
    """The first model in an annotation."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    origin = typing.get_origin(kind)
    if origin is None and not isinstance(kind, UnionType):
        return None
    for part in typing.get_args(kind):
        found = _model_in(part)
        if found is not None:
            return found
    return None


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
