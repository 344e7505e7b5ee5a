"""Texts from files, whatever their form; and the proposals of a case, checked against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from parley.case.check import did_you_mean
from parley.case.model import Case
from parley.errors import Mistake, TextError
from parley.texts.articles import Draft
from parley.texts.markdown import read_markdown

FOLDER = "proposals"
Tell = Callable[[str], None]
WORD = frozenset({".docx", ".docm", ".doc", ".dotx", ".dotm"})
MARKDOWN = frozenset({".md", ".markdown"})


def read_text_file(path: Path, tell: Tell | None = None) -> Draft:
    """Read a text from Markdown or Word; of a Word file the version after all tracked changes.

    Parameters
    ----------
    tell
        Called with each thing that a reader of a Word file should know.

    Raises
    ------
    TextError
        If it cannot be read.
    """
    kind = path.suffix.lower()
    if kind in MARKDOWN:
        return read_markdown(path)
    if kind in WORD:
        from parley.texts.word.reading import read_word

        word = read_word(path)
        changes = len(word.revisions)
        if tell is not None:
            if changes:
                tell(f"{path}: the text after all of its {changes} tracked changes is taken.")
            for told in word.told:
                tell(f"{path}: {told.what} {told.remedy}")
        return word.draft()
    what = "This is neither Markdown (.md) nor Word (.docx)."
    remedy = "Save it as one of the two."
    raise TextError([Mistake(str(path), 0, "unknown-form", what, remedy)])


def proposals_in(folder: Path, case: Case | None) -> tuple[tuple[Draft, ...], list[Mistake]]:
    """The proposals of a case folder, and all mistakes in them."""
    texts: list[Draft] = []
    mistakes: list[Mistake] = []
    for path in sorted((folder / FOLDER).glob("*.md")):
        try:
            text = read_markdown(path, str(path))
        except TextError as error:
            mistakes += error.mistakes
            continue
        texts.append(text)
        if case is not None:
            mistakes += check_links(text, case)
    return tuple(texts), mistakes


def check_links(text: Draft, case: Case) -> Iterator[Mistake]:
    """What a text names that the case does not have."""
    parties = [party.id for party in case.parties]
    options = {issue.id: [option.id for option in issue.options] for issue in case.issues}
    if text.front.party is not None and text.front.party not in parties:
        what = f"`{text.front.party}` is no party of the case."
        remedy = did_you_mean(text.front.party, parties)
        yield Mistake(text.name, 1, "no-such-party", what, remedy)
    for provision in text.all:
        for link in provision.issues:
            issue, _, option = link.partition(".")
            if issue not in options:
                what, known = f"`{issue}` is no issue of the case.", list(options)
                code, wanted = "no-such-issue", issue
            elif option and option not in options[issue]:
                what, known = f"`{option}` is no option of `{issue}`.", options[issue]
                code, wanted = "no-such-option", option
            else:
                continue
            remedy = did_you_mean(wanted, known)
            yield Mistake(text.name, provision.line, code, what, remedy)


def of_party(texts: Sequence[Draft], party: str) -> tuple[Draft, ...]:
    """The texts of one party, by round and date."""
    mine = [text for text in texts if text.front.party == party]
    return tuple(sorted(mine, key=lambda t: (t.front.round or 0, str(t.front.date or ""))))
