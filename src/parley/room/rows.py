"""Reading and writing single rows, with statements that are made once for each table.

Django builds a statement anew at each call, which takes longer than SQLite needs to run it. Where a
deposit or message is written, the few statements that are always the same are therefore kept; the
values go through the same fields of the same models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.models import Model

M = TypeVar("M", bound=Model)


@contextmanager
def hurried() -> Iterator[None]:
    """Within, PostgreSQL is sent one statement after another without waiting for each answer.

    If one fails, that is told at the next answer that is waited for, at the latest at the end.
    SQLite is no server, so there is nothing to wait for.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor == "sqlite":
        yield
        return
    with database.wrap_database_errors, database.connection.pipeline():
        yield


def insert(row: M) -> M:
    """Write a new row; a key that the database gives is filled in."""
    database = connections[DEFAULT_DB_ALIAS]
    fields, statement, given = _insertion(type(row))
    values = [field.get_db_prep_save(getattr(row, field.attname), database) for field in fields]
    with database.cursor() as cursor:
        if given is None:
            cursor.execute(statement, values)
        else:
            cursor.execute(f"{statement} RETURNING {_quoted(given.column)}", values)
            found = cursor.fetchone()
            setattr(row, given.attname, found and found[0])
    row._state.adding, row._state.db = False, database.alias
    return row


def put(model: type[Model], **values: Any) -> None:
    """Write a new row by the values of all its columns but a key that the database gives."""
    database = connections[DEFAULT_DB_ALIAS]
    fields, statement = _placement(model, tuple(values))
    bound = [
        field.get_db_prep_save(value, database)
        for field, value in zip(fields, values.values(), strict=True)
    ]
    with database.cursor() as cursor:
        cursor.execute(statement, bound)


def insert_all(rows: Sequence[Model]) -> None:
    """Write new rows of one table, whose keys nobody asks for."""
    if not rows:
        return
    database = connections[DEFAULT_DB_ALIAS]
    fields, statement, _ = _insertion(type(rows[0]))
    values = [
        [field.get_db_prep_save(getattr(row, field.attname), database) for field in fields]
        for row in rows
    ]
    with database.cursor() as cursor:
        cursor.executemany(statement, values)


def update(row: Model, *names: str) -> None:
    """Write these fields of a row that is there.

    Raises
    ------
    DatabaseError
        If it is not.
    """
    values = {name: getattr(row, name) for name in names}
    if change(type(row), {"id": row.pk}, **values) == 0:
        raise DatabaseError(f"a row of {type(row).__name__} is not there any more")


def change(model: type[Model], where: dict[str, Any], **values: Any) -> int:
    """Write these values into all rows whose columns have those of `where`.

    Returns
    -------
    int
        How many there were; -1 while `hurried`, where nobody knows yet.
    """
    database = connections[DEFAULT_DB_ALIAS]
    # what must be true is no parameter, so that an index over such rows alone can be used
    bound_by = {name: value for name, value in where.items() if value is not True}
    facts = tuple(name for name in where if name not in bound_by)
    fields, statement = _change(model, tuple(values), tuple(bound_by), facts)
    given = [*values.values(), *bound_by.values()]
    bound = [
        field.get_db_prep_save(value, database) for field, value in zip(fields, given, strict=True)
    ]
    with database.cursor() as cursor:
        cursor.execute(statement, bound)
        return int(cursor.rowcount)


def find(model: type[M], *, lock: bool = False, **where: Any) -> M | None:
    """The one row whose columns have these values, locked for this transaction if so wanted."""
    return ask(model, lock=lock, **where)()


def ask(model: type[M], *, lock: bool = False, **where: Any) -> Callable[[], M | None]:
    """As `find`, but the answer is waited for only when it is called for."""
    database = connections[DEFAULT_DB_ALIAS]
    columns, statement = _question(model, tuple(where), database.vendor, lock=lock)
    cursor = database.cursor()
    cursor.execute(statement, list(where.values()))

    def answer() -> M | None:
        with cursor:
            found = cursor.fetchone()
        if found is None:
            return None
        values = list(found)
        for at, converters in columns.items():
            for convert in converters:
                values[at] = convert(values[at])
        return model.from_db(database.alias, _names(model), values)

    return answer


@lru_cache
def _insertion(model: type[Model]) -> tuple[list[Any], str, Any]:
    """The fields, the statement, and the field of a key that the database gives."""
    meta = model._meta
    automatic = meta.auto_field
    fields = [field for field in meta.concrete_fields if field is not automatic]
    columns = ", ".join(_quoted(field.column) for field in fields)
    marks = ", ".join("%s" for _ in fields)
    statement = f"INSERT INTO {_quoted(meta.db_table)} ({columns}) VALUES ({marks})"
    return fields, statement, automatic


@lru_cache
def _placement(model: type[Model], names: tuple[str, ...]) -> tuple[list[Any], str]:
    """The fields of the values, and the statement."""
    columns = {field.column: field for field in model._meta.concrete_fields}
    listed = ", ".join(_quoted(name) for name in names)
    marks = ", ".join("%s" for _ in names)
    statement = f"INSERT INTO {_quoted(model._meta.db_table)} ({listed}) VALUES ({marks})"
    return [columns[name] for name in names], statement


@lru_cache
def _change(
    model: type[Model], names: tuple[str, ...], where: tuple[str, ...], facts: tuple[str, ...]
) -> tuple[list[Any], str]:
    """The fields of the values, and the statement."""
    columns = {field.column: field for field in model._meta.concrete_fields}
    changes = ", ".join(f"{_quoted(name)} = %s" for name in names)
    wanted = " AND ".join([*(f"{_quoted(name)} = %s" for name in where), *map(_quoted, facts)])
    statement = f"UPDATE {_quoted(model._meta.db_table)} SET {changes} WHERE {wanted}"
    return [columns[name] for name in (*names, *where)], statement


@lru_cache
def _question(
    model: type[Model], where: tuple[str, ...], vendor: str, *, lock: bool
) -> tuple[dict[int, list[Callable[[Any], Any]]], str]:
    """The converters of the columns that need any, by place, and the statement."""
    meta = model._meta
    columns = ", ".join(_quoted(field.column) for field in meta.concrete_fields)
    wanted = " AND ".join(f"{_quoted(name)} = %s" for name in where)
    statement = f"SELECT {columns} FROM {_quoted(meta.db_table)} WHERE {wanted}"
    # SQLite locks the whole database at the start of the transaction instead
    locking = " FOR UPDATE" if lock and vendor != "sqlite" else ""
    made = {at: _converters(field) for at, field in enumerate(meta.concrete_fields)}
    return {at: found for at, found in made.items() if found}, statement + locking


def _converters(field: Any) -> list[Callable[[Any], Any]]:
    """What makes a value of Python of that in a column, as Django's own queries do it."""
    column = field.get_col(field.model._meta.db_table)
    found = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
    return [partial(_converted, convert, column) for convert in found]


def _converted(convert: Callable[..., Any], column: Any, value: Any) -> Any:
    return convert(value, column, connection)


@lru_cache
def _names(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _quoted(name: str | None) -> str:
    assert name is not None
    return connection.ops.quote_name(name)
