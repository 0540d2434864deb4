"""What the database itself refuses: rewriting what is append-only, whoever asks it to.

Triggers on both databases let nothing of a guarded table be updated, deleted, replaced or truncated, but for what an
erasure of personal data takes out. They stop bugs and whoever has the program's connection; who owns the database can
drop them, and is found by the chain of hashes instead (models/journal.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

_FUNCTION = "refuse_rewriting"


@dataclass(frozen=True)
class Guard:
    """An append-only table, and what may still change in a row of it.

    `erased` are columns that may become NULL, each by itself. `emptied` become NULL together, and only where `left`
    says at the same time what was left of them. `rewritten` repeat what is kept elsewhere and may be written anew.
    """

    table: str
    erased: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()
    left: str | None = None
    rewritten: tuple[str, ...] = ()

    def allows(self, columns: Collection[str], same: str) -> str:
        """The SQL condition under which an update passes. `same` is the dialect's comparison that knows NULL."""

        def unchanged(names: Collection[str]) -> list[str]:
            return [f'NEW."{name}" {same} OLD."{name}"' for name in names]

        special = {*self.erased, *self.emptied, *self.rewritten, self.left}
        rules = unchanged([name for name in columns if name not in special])
        rules += [f'(NEW."{name}" IS NULL OR {unchanged([name])[0]})' for name in self.erased]
        if self.left:
            kept = " AND ".join(unchanged([*self.emptied, self.left]))
            gone = " AND ".join(f'NEW."{name}" IS NULL' for name in self.emptied)
            rules.append(f'(({kept}) OR ({gone} AND NEW."{self.left}" IS NOT NULL))')
        return " AND ".join(rules)


GUARDS = [
    Guard("journal", emptied=("payload", "salt"), left="redacted"),
    Guard("snapshot", erased=("interviews",), emptied=("content",), left="redacted"),
    # Its sentence and its names are copies, for lists; an erasure takes a person out of them.
    Guard("review", rewritten=("verdict", "reason", "frozen_by", "version")),
    *(
        Guard(table)
        for table in (
            "sign_off",
            "sign_off_request",
            "sign_off_item",
            "sign_off_link",
            "sign_off_event",
            "sign_off_record",
            "sign_off_receipt",
        )
    ),
    Guard("erasure", rewritten=("reason", "version")),
]
# Tables in which nothing at all changes, so that an erasure passes them over.
IMMUTABLE_TABLES = {guard.table for guard in GUARDS if guard == Guard(guard.table)}


def install_triggers(connection: Connection) -> None:
    """Put every trigger there anew, on the tables as they are now. Those that an old schema doesn't have yet wait."""
    remove_triggers(connection)
    if connection.dialect.name == "postgresql":
        connection.execute(text(_FUNCTION_SQL))
    for _, statement in _triggers(connection):
        # Not through text(): a colon in a trigger is no parameter.
        connection.exec_driver_sql(statement)


def remove_triggers(connection: Connection) -> None:
    """Take the triggers away, for a migration that rebuilds tables."""
    tables = set(inspect(connection).get_table_names())
    for guard in GUARDS:
        if guard.table in tables:
            for name in _names(guard.table):
                on = f' ON "{guard.table}"' if connection.dialect.name == "postgresql" else ""
                connection.exec_driver_sql(f'DROP TRIGGER IF EXISTS "{name}"{on}')


def tables_without_triggers(connection: Connection) -> list[str]:
    """The tables that something has taken the triggers from, or changed them."""
    if connection.dialect.name == "postgresql":
        there = set(connection.execute(text(_WORKING), {"function": _FUNCTION, "body": _BODY}).scalars())
        missing = {name for name, _ in _triggers(connection) if name not in there}
    else:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        there = dict(rows.tuples().all())
        missing = {name for name, statement in _triggers(connection) if there.get(name) != statement}
    return [guard.table for guard in GUARDS if missing & set(_names(guard.table))]


def _names(table: str) -> list[str]:
    return [f"{table}_keeps_{what}" for what in ("what_it_says", "its_rows", "its_places", "all")]


def _triggers(connection: Connection) -> Iterator[tuple[str, str]]:
    """Each trigger's name and the statement that makes it."""
    inspector = inspect(connection)
    tables = set(inspector.get_table_names())
    make = _on_postgres if connection.dialect.name == "postgresql" else _on_sqlite
    for guard in GUARDS:
        if guard.table not in tables:
            continue
        columns = [column["name"] for column in inspector.get_columns(guard.table)]
        if {*guard.erased, *guard.emptied, *guard.rewritten} | ({guard.left} - {None}) <= set(columns):
            keys = [inspector.get_pk_constraint(guard.table)["constrained_columns"]]
            keys += [found["column_names"] for found in inspector.get_unique_constraints(guard.table)]
            yield from make(guard, columns, keys)


def _on_sqlite(guard: Guard, columns: list[str], keys: list[list[str]]) -> Iterator[tuple[str, str]]:
    changed, removed, replaced, _ = _names(guard.table)
    begin = f"BEGIN SELECT RAISE(ABORT, '{_refusal(guard.table)}'); END"
    on = f'ON "{guard.table}" FOR EACH ROW'
    allowed = guard.allows(columns, "IS")
    yield changed, f'CREATE TRIGGER "{changed}" BEFORE UPDATE {on} WHEN NOT ({allowed}) {begin}'
    yield removed, f'CREATE TRIGGER "{removed}" BEFORE DELETE {on} {begin}'
    # INSERT OR REPLACE removes rows without asking the trigger above, unless the connection wants it to.
    taken = " OR ".join(
        "(" + " AND ".join(f'"{name}" = NEW."{name}"' for name in key) + ")" for key in sorted(keys)
    )
    there = f'EXISTS (SELECT 1 FROM "{guard.table}" WHERE {taken})'
    yield replaced, f'CREATE TRIGGER "{replaced}" BEFORE INSERT {on} WHEN {there} {begin}'


def _on_postgres(guard: Guard, columns: list[str], keys: list[list[str]]) -> Iterator[tuple[str, str]]:
    changed, removed, _, emptied = _names(guard.table)
    refuse = f"EXECUTE FUNCTION {_FUNCTION}()"
    on = f'ON "{guard.table}"'
    allowed = guard.allows(columns, "IS NOT DISTINCT FROM")
    yield (
        changed,
        f'CREATE TRIGGER "{changed}" BEFORE UPDATE {on} FOR EACH ROW WHEN (NOT ({allowed})) {refuse}',
    )
    yield removed, f'CREATE TRIGGER "{removed}" BEFORE DELETE {on} FOR EACH ROW {refuse}'
    yield emptied, f'CREATE TRIGGER "{emptied}" BEFORE TRUNCATE {on} FOR EACH STATEMENT {refuse}'


def _refusal(table: str) -> str:
    return f"{table} is append-only: its rows are neither changed nor removed"


_BODY = """
BEGIN
  RAISE EXCEPTION '% is append-only: its rows are neither changed nor removed', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END """
_FUNCTION_SQL = f"CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $${_BODY}$$"
# The triggers that work: switched on, on the table in their name, for what it says and before it, calling the function
# as it was made. Only an update may have a condition; Postgres keeps that in words of its own, so it isn't compared.
_WORKING = """
SELECT tgname FROM pg_trigger
JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE tgenabled IN ('O', 'A') AND NOT tgisinternal AND proname = :function AND prosrc = :body AND (
  (tgname = relname || '_keeps_what_it_says' AND tgtype = 19)
  OR (tgname = relname || '_keeps_its_rows' AND tgtype = 11 AND tgqual IS NULL)
  OR (tgname = relname || '_keeps_all' AND tgtype = 34 AND tgqual IS NULL)
)
"""
