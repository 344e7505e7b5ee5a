"""What a case file declares, read leniently, so that references to it can be checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parley.case.check import did_you_mean
from parley.case.file import Document


@dataclass(frozen=True)
class Known:
    """What a case file declares, also where it has mistakes: so that references can be checked.

    `parties` maps ids to all names of a party, `issues` maps ids to option ids.
    """

    parties: Mapping[str, tuple[str, ...]]
    issues: Mapping[str, tuple[str, ...]]

    def remedy_for_party(self, wanted: str) -> str:
        """What to write instead of an unknown party; looks at names and aliases too."""
        for party, names in sorted(self.parties.items()):
            if wanted.lower() in (name.lower() for name in names):
                return f"Did you mean `{party}`?"
        return did_you_mean(wanted, self.parties)


def known_in(document: Document) -> Known:
    """What a file declares, read leniently."""
    data = document.data if isinstance(document.data, dict) else {}
    parties = {
        str(item["id"]): tuple(map(str, [item.get("name", ""), *listed(item.get("aliases"))]))
        for item in _with_id(data.get("parties"))
    }
    issues = {
        str(item["id"]): tuple(str(option["id"]) for option in _with_id(item.get("options")))
        for item in _with_id(data.get("issues"))
    }
    return Known(parties, issues)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _with_id(value: Any) -> list[dict[str, Any]]:
    return [item for item in listed(value) if isinstance(item, dict) and "id" in item]
