"""Open a case folder: the case and its record, checked together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from parley.case.consistency import check_case
from parley.case.file import Document, read_yaml
from parley.case.known import known_in
from parley.case.model import Case
from parley.case.moves_check import check_citations, placed
from parley.errors import CaseError, Mistake
from parley.record.check import Entry, check_record
from parley.record.claims import Assertion, Record


@dataclass(frozen=True)
class CaseFolder:
    """A case folder without errors.

    `places` gives for each assertion its file and line; `warnings` are doubts that stop nothing.
    """

    path: Path
    case: Case
    record: Record
    places: Mapping[str, tuple[str, int]]
    warnings: tuple[Mistake, ...]


def open_folder(path: Path) -> CaseFolder:
    """Open a case folder.

    Raises
    ------
    CaseError
        With all mistakes, if there is an error.
    """
    case, record, entries, mistakes = _read(path)
    if case is None or record is None:
        raise CaseError(mistakes)
    places = {
        entry.assertion.id: (entry.document.name, entry.document.line((*entry.path, "id")))
        for entry in entries
    }
    return CaseFolder(path, case, record, places, tuple(sorted(mistakes)))


def _read(path: Path) -> tuple[Case | None, Record | None, list[Entry], list[Mistake]]:
    problem = _no_folder(path)
    if problem:
        return None, None, [], [problem]
    document = read_yaml(path / "case.yaml", str(path / "case.yaml"))
    mistakes = list(document.mistakes)
    case = None
    if document.data is not None:
        case, found = check_case(document)
        mistakes += found
    documents = list(_record_documents(path))
    if not documents:
        mistakes.append(_no_record(path))
    mistakes += [mistake for item in documents for mistake in item.mistakes]
    readable = [item for item in documents if item.data is not None]
    known = known_in(document)
    if document.data is None:
        return None, None, [], mistakes  # every reference would be reported as unknown
    records, entries, found = check_record(readable, known, case)
    mistakes += found
    if case is not None and case.moves is not None:
        declared = frozenset(entry.assertion.id for entry in entries)
        mistakes += placed(document, check_citations(case.moves, declared))
    whole = len(records) == len(documents) > 0
    if case is not None and whole:
        mistakes += _silent_parties(document, case, [entry.assertion for entry in entries])
    if any(mistake.severity == "error" for mistake in mistakes):
        return None, None, entries, mistakes
    return case, _merged(records), entries, mistakes


def _no_folder(path: Path) -> Mistake | None:
    name = str(path)
    if path.is_file():
        return Mistake(
            name, 0, "not-a-folder", "This is a file.", "Name the folder of the case it is in."
        )
    if not path.is_dir():
        remedy = f"Make it with `parley new {name}`, or look at the name."
        return Mistake(name, 0, "no-such-folder", "There is no such folder.", remedy)
    if (path / "case.yaml").exists():
        return None
    near = sorted(p.name for p in path.iterdir() if p.name.lower() in {"case.yml", "case.yaml"})
    if near:
        remedy = f"Rename `{near[0]}` to `case.yaml`."
    else:
        remedy = "`parley new FOLDER` makes a commented one in a new folder."
    return Mistake(name, 0, "no-case-file", "There is no case.yaml in this folder.", remedy)


def _record_documents(path: Path) -> Iterator[Document]:
    files = [path / "record.yaml"] if (path / "record.yaml").exists() else []
    files += sorted((path / "record").glob("*.yaml"))
    for file in files:
        yield read_yaml(file, str(file))


def _no_record(path: Path) -> Mistake:
    return Mistake(
        str(path),
        0,
        "no-record",
        "There is no record: neither record.yaml nor record/*.yaml.",
        "Write record.yaml; `parley new FOLDER` shows how.",
    )


def _silent_parties(document: Document, case: Case, claims: list[Assertion]) -> Iterator[Mistake]:
    speaking = {a.party for a in claims if a.issue is not None or a.utilities is not None}
    for k, party in enumerate(case.parties):
        if party.consent_needed and party.id not in speaking:
            yield document.mistake(
                ("parties", k),
                "party-without-statement",
                f"Nothing in the record says what {party.name} wants on any issue.",
                "A briefing would be all invention for it: record a statement of this party, or "
                "set `must_agree: false`.",
            )


def _merged(records: list[Record]) -> Record:
    return Record(
        parley=1,
        origins=tuple(x for record in records for x in record.origins),
        publications=tuple(x for record in records for x in record.publications),
        assertions=tuple(x for record in records for x in record.assertions),
    )
