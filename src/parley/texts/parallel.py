"""Authentic texts in several languages, kept side by side, provision by provision.

Texts of one agreement share their identifiers. What changed in one language since an earlier
version and not in another is listed, so that no language falls behind unseen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parley.errors import SettingError
from parley.texts.articles import Draft, Provision
from parley.texts.comparing.relation import numbers_in


@dataclass(frozen=True)
class Divergence:
    """A provision on which the languages do not go together.

    Parameters
    ----------
    id, place
        The provision, and where it stands.
    what
        What was found, in a sentence.
    languages
        The languages in which it is so.
    """

    id: str
    place: str
    what: str
    languages: tuple[str, ...]


def parallel(texts: Sequence[Draft], earlier: Sequence[Draft] = ()) -> tuple[Divergence, ...]:
    """Compare texts of one agreement in several languages.

    Parameters
    ----------
    texts
        One for each language, with the same identifiers.
    earlier
        Their earlier versions, for what changed in one language alone; may be empty.

    Raises
    ------
    SettingError
        If two texts are in one language, or an earlier one is in none of the languages.
    """
    languages = [text.language for text in texts]
    if len(texts) < 2 or len(set(languages)) < len(languages):
        raise SettingError(
            f"The texts are in: {', '.join(languages)}.",
            "Give two texts or more, each in a language of its own; say it at the head.",
        )
    stray = sorted({text.language for text in earlier} - set(languages))
    if stray:
        what = f"An earlier text is in {', '.join(stray)}, and no text now is."
        raise SettingError(what, "Give earlier versions in the same languages.")
    found = [*_missing(texts), *_numbers(texts), *_labels(texts), *_changed(texts, earlier)]
    order = {p.id: k for k, p in enumerate(texts[0].all)}
    return tuple(sorted(found, key=lambda d: (order.get(d.id, len(order)), d.what)))


def _missing(texts: Sequence[Draft]) -> list[Divergence]:
    found = []
    everything = dict.fromkeys(p.id for text in texts for p in text.all)
    for name in everything:
        without = tuple(text.language for text in texts if name not in text.by_id)
        if without:
            there = next(text for text in texts if name in text.by_id)
            found.append(Divergence(name, there.place(name), "It is missing", without))
    return found


def _shared(texts: Sequence[Draft]) -> list[str]:
    return [p.id for p in texts[0].all if all(p.id in text.by_id for text in texts)]


def _numbers(texts: Sequence[Draft]) -> list[Divergence]:
    """Figures that one language has and another has not; numbers in words are not read here."""
    found = []
    for name in _shared(texts):
        figures = {text.language: _figures(text.by_id[name]) for text in texts}
        if len(set(figures.values())) > 1:
            shown = "; ".join(f"{k}: {', '.join(sorted(v)) or 'none'}" for k, v in figures.items())
            what = f"The figures differ ({shown})"
            found.append(Divergence(name, texts[0].place(name), what, tuple(figures)))
    return found


def _figures(provision: Provision) -> frozenset[str]:
    return frozenset(n.replace(",", ".") for n in numbers_in(provision.words) if n[0].isdigit())


def _labels(texts: Sequence[Draft]) -> list[Divergence]:
    found = []
    for name in _shared(texts):
        digits = {"".join(c for c in t.by_id[name].label if c.isdigit()) for t in texts}
        if len(digits) > 1:
            place = texts[0].place(name)
            languages = tuple(text.language for text in texts)
            found.append(Divergence(name, place, "The numbers of the provision differ", languages))
    return found


def _changed(texts: Sequence[Draft], earlier: Sequence[Draft]) -> list[Divergence]:
    """What changed in some languages and not in the others."""
    before = {text.language: text for text in earlier}
    both = [text for text in texts if text.language in before]
    if len(both) < 2:
        return []
    found = []
    for name in _shared(both):
        changed = tuple(t.language for t in both if _differs(before[t.language], t, name))
        same = tuple(t.language for t in both if t.language not in changed)
        if changed and same:
            what = f"It changed in {', '.join(changed)} and not in {', '.join(same)}"
            found.append(Divergence(name, both[0].place(name), what, same))
    return found


def _differs(before: Draft, after: Draft, name: str) -> bool:
    old = before.by_id.get(name)
    return old is None or old.words.split() != after.by_id[name].words.split()
