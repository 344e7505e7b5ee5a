"""Make a new case folder, and the JSON Schemas that help editors with it."""

from __future__ import annotations

import json
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel

from parley.case.file import usual_rights
from parley.case.model import Case
from parley.errors import OutputError

STARTER = ("case.yaml", "record.yaml", "README.md")


def json_schema(model: type[BaseModel]) -> str:
    """The JSON Schema (2020-12) of a file of the case folder, as text."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= model.model_json_schema(by_alias=True)
    return json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def new_case(folder: Path, record: type[BaseModel]) -> list[Path]:
    """Make a commented case folder that passes ``parley check``.

    Parameters
    ----------
    folder
        The folder to make; it must not exist, or be empty.
    record
        The model of the record, for its schema.

    Returns
    -------
    The files made.

    Raises
    ------
    OutputError
        If there is something at that place already, or it cannot be written to. Nothing is left
        half made.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(
            "There is something here already.",
            "Name a folder that does not exist yet; nothing is overwritten.",
            where=str(folder),
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        try:
            _fill(part, record)
            part.chmod(usual_rights(0o777))
            part.replace(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        raise OutputError(
            f"The folder cannot be made: {error.strerror or error}.",
            "Name a place that you may write to.",
            where=str(folder),
        ) from None
    return [folder / name for name in STARTER]


def _fill(folder: Path, record: type[BaseModel]) -> None:
    source = files("parley.case") / "starter"
    for name in STARTER:
        (folder / name).write_text((source / name).read_text(encoding="utf-8"), encoding="utf-8")
    schemas = folder / ".schema"
    schemas.mkdir()
    for name, model in (("case", Case), ("record", record)):
        (schemas / f"{name}.schema.json").write_text(json_schema(model), encoding="utf-8")
