"""Whether a section of moves fits together: options, states, preferences, and what they name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from parley.case.check import did_you_mean, twice, validate
from parley.case.comparisons import read_known, read_ranking
from parley.case.conditions import WORDS, Condition, ConditionError, read_condition
from parley.case.file import Document, read_yaml
from parley.case.known import Known, known_in
from parley.case.moves import DecisionMaker, Moves, MovesFile
from parley.case.states import Path_, States, Wrong, read_move, states_of
from parley.errors import CaseError, Mistake

Wrongs = Iterator[Wrong]


def moves_mistakes(document: Document, known: Known) -> list[Mistake]:
    """All mistakes in the section ``moves`` of a file; none where it has no such section.

    What is wrong with its shape is told by whoever reads the whole file.
    """
    data = document.data.get("moves") if isinstance(document.data, dict) else None
    try:
        moves = Moves.model_validate(data) if data is not None else None
    except ValidationError:
        moves = None
    return placed(document, check_moves(moves, known)) if moves is not None else []


def placed(document: Document, wrongs: Iterable[Wrong]) -> list[Mistake]:
    """What is wrong in the section, as mistakes with file and line."""
    return [
        Mistake(
            document.name, document.line(("moves", *w.path)), w.code, w.what, w.remedy, w.severity
        )
        for w in wrongs
    ]


def open_moves(path: Path) -> MovesFile:
    """Read a file that holds a conflict alone.

    Raises
    ------
    CaseError
        With all mistakes, if there is one.
    """
    return moves_in(path)[0]


def moves_in(path: Path) -> tuple[MovesFile, tuple[Mistake, ...]]:
    """Read a file that holds a conflict alone, and what is doubtful in it.

    Raises
    ------
    CaseError
        With all mistakes, if there is one.
    """
    document = read_yaml(path, str(path))
    mistakes = list(document.mistakes)
    file = None
    if document.data is not None:
        file, found = validate(document, MovesFile)
        mistakes += [*found, *twice(document, ("parties",), document.data.get("parties"))]
        mistakes += moves_mistakes(document, known_in(document))
    if file is not None:
        remedy = "There is no record beside this file: take it out, or make a case folder."
        mistakes += placed(document, check_citations(file.moves, frozenset(), remedy))
    if file is None or any(mistake.severity == "error" for mistake in mistakes):
        raise CaseError(mistakes)
    return file, tuple(sorted(mistakes))


def check_moves(moves: Moves, known: Known) -> list[Wrong]:
    """All that is wrong with a section; `known` is what the file declares of parties."""
    wrong = [*_makers(moves, known), *_options(moves)]
    if any(item.code in {"id-twice", "id"} for item in wrong):
        return wrong  # names that mean two things would make every condition look wrong
    options = [option.id for option in moves.options]
    for i, maker in enumerate(moves.decision_makers):
        wrong += _conditions(maker, i, options)
    states, found = states_of(moves)
    wrong += found
    if states is None:
        return wrong
    for i, maker in enumerate(moves.decision_makers):
        wrong += _preferences(maker, i, states)
    wrong += _named_states(moves, states)
    if moves.is_graph:
        wrong += _arcs(moves, states)
    return wrong


def check_citations(
    moves: Moves, declared: frozenset[str], remedy_without: str = ""
) -> Iterator[Wrong]:
    """Assertions that preferences cite and that are not on record."""
    for i, maker in enumerate(moves.decision_makers):
        for k, statement in enumerate(maker.statements or ()):
            for name in statement.because:
                if name not in declared:
                    path: Path_ = ("decision_makers", i, "statements", k, "because")
                    what = f"There is no assertion `{name}`."
                    remedy = remedy_without or did_you_mean(name, declared)
                    yield Wrong(path, "no-such-assertion", what, remedy)


def _makers(moves: Moves, known: Known) -> Wrongs:
    seen: set[str] = set()
    for i, maker in enumerate(moves.decision_makers):
        path: Path_ = ("decision_makers", i, "party")
        if maker.party not in known.parties:
            what = f"There is no party `{maker.party}`."
            yield Wrong(path, "no-such-party", what, known.remedy_for_party(maker.party))
        if maker.party in seen:
            what = f"The party `{maker.party}` is listed twice as a decision maker."
            yield Wrong(path, "id-twice", what, "Put its options together.")
        seen.add(maker.party)
        if not maker.options and not moves.is_graph:
            what = f"`{maker.party}` has no option, so it decides nothing."
            yield Wrong(path, "no-option", what, "Give it options, or take it out here.", "warning")


def _options(moves: Moves) -> Wrongs:
    seen: set[str] = set()
    for i, maker in enumerate(moves.decision_makers):
        for k, option in enumerate(maker.options):
            path: Path_ = ("decision_makers", i, "options", k, "id")
            if option.id in seen:
                what = f"The option `{option.id}` stands here twice."
                yield Wrong(path, "id-twice", what, "Give each option an id of its own.")
            elif option.id in WORDS or option.id.isdigit():
                what = f"An option cannot be called `{option.id}`."
                remedy = "In conditions that is a word, or the number of an option."
                yield Wrong(path, "id", what, remedy)
            seen.add(option.id)


def _conditions(maker: DecisionMaker, i: int, options: list[str]) -> Wrongs:
    texts: list[tuple[Path_, str]] = [
        (("statements", k), statement.prefer) for k, statement in enumerate(maker.statements or ())
    ]
    texts += [(("weights", text), text) for text in maker.weights or {}]
    seen: dict[str, str] = {}
    for path, text in texts:
        place = ("decision_makers", i, *path)
        try:
            condition = read_condition(text, options)
        except ConditionError as error:
            yield Wrong(place, "condition", error.what, error.remedy)
            continue
        words = condition.words(options)
        negated = condition.kind == "not"
        other = condition.parts[0] if negated else Condition("not", parts=(condition,))
        opposite = other.words(options)
        if words in seen:
            what = f"`{text}` says the same as `{seen[words]}` before it, and so nothing."
            yield Wrong(place, "said-twice", what, "Take one of them out.", "warning")
        elif opposite in seen and maker.statements is not None:
            what = f"`{text}` contradicts `{seen[opposite]}`."
            remedy = "The more important one decides; take the other out."
            yield Wrong(place, "contradicts", what, remedy)
        seen.setdefault(words, text)


def _preferences(maker: DecisionMaker, i: int, states: States) -> Wrongs:
    wrong: list[Wrong] = []
    key = "ranking" if maker.ranking is not None else "known"
    if maker.ranking is not None:
        wrong = read_ranking(maker.ranking, states)[1]
    elif maker.known is not None:
        wrong = read_known(maker.known, states)[1]
    elif states.options == () and (maker.statements or maker.weights):
        what = "A model given as a graph has no options that statements or weights could name."
        wrong = [Wrong((), "preferences", what, "Give `ranking` or `known`.")]
        key = "party"
    for item in wrong:
        path = ("decision_makers", i, key, *item.path)
        yield Wrong(path, item.code, item.what, item.remedy, item.severity)


def _named_states(moves: Moves, states: States) -> Wrongs:
    refs: list[tuple[Path_, int | str]] = [
        (("wanted", k), ref) for k, ref in enumerate(moves.wanted)
    ]
    if moves.status_quo is not None:
        refs.append((("status_quo",), moves.status_quo))
    for path, ref in refs:
        if states.find(ref) is None:
            what = f"There is no state `{ref}`, or it is infeasible."
            if not states.options:
                remedy = f"Give a name, or a number from 1 to {states.size}."
            else:
                remedy = f"Give a number from 1 to {states.size:,}, or a pattern of one state."
            yield Wrong(path, "no-such-state", what, remedy)


def _arcs(moves: Moves, states: States) -> Wrongs:
    for i, maker in enumerate(moves.decision_makers):
        for k, text in enumerate(maker.moves):
            try:
                read_move(text, states.find)
            except ConditionError as error:
                path: Path_ = ("decision_makers", i, "moves", k)
                yield Wrong(path, "move", error.what, error.remedy)
