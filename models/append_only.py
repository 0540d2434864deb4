"""Triggers that make tables append-only in the database itself.

On both databases they refuse to update, delete, replace or truncate rows of a guarded table, except for what an erasure
of personal data has to change. They stop bugs and anybody with the program's connection. The owner of the database can
drop them; then the journal's chain of hashes reveals the change (models/journal_chain.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Inspector, inspect, text

_FUNCTION = "refuse_rewriting"


@dataclass(frozen=True)
class Guard:
    """An append-only table and the columns that may still change.

    `erasable` columns may become NULL, each by itself. The columns in `erasable_together` become NULL at once, and only
    if `redacted` is set by the same update. `updatable` columns are copies of data stored elsewhere.
    """

    table: str
    erasable: tuple[str, ...] = ()
    erasable_together: tuple[str, ...] = ()
    redacted: str | None = None
    updatable: tuple[str, ...] = ()

    @property
    def mutable_columns(self) -> set[str]:
        """The columns with a rule of their own."""
        return {*self.erasable, *self.erasable_together, *self.updatable, *filter(None, [self.redacted])}

    def update_condition(self, columns: Collection[str], same: str) -> str:
        """Return the SQL condition under which an update is allowed. `same` is the dialect's NULL-safe comparison."""

        def unchanged(names: Collection[str]) -> list[str]:
            return [f'NEW."{name}" {same} OLD."{name}"' for name in names]

        rules = unchanged([name for name in columns if name not in self.mutable_columns])
        rules += [f'(NEW."{name}" IS NULL OR {unchanged([name])[0]})' for name in self.erasable]
        if self.redacted:
            untouched = " AND ".join(unchanged([*self.erasable_together, self.redacted]))
            erased = " AND ".join(f'NEW."{name}" IS NULL' for name in self.erasable_together)
            rules.append(f'(({untouched}) OR ({erased} AND NEW."{self.redacted}" IS NOT NULL))')
        return " AND ".join(rules)


GUARDS = [
    Guard("journal", erasable_together=("payload", "salt"), redacted="redacted"),
    Guard("snapshot", erasable=("interviews",), erasable_together=("content",), redacted="redacted"),
    # These columns are copies for lists. An erasure removes a person's name from them.
    Guard("review", updatable=("verdict", "reason", "frozen_by", "version")),
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
    Guard("survey"),
    # A person may stand in a label, and freezes a version; seen_on is when its document was last handed in.
    Guard("contract_version", updatable=("label", "seen_on", "frozen_on", "frozen_by", "version")),
    Guard("contract_document"),
    Guard("erasure", updatable=("reason", "version")),
    Guard("cutover"),
    # The pinned plan, and who did what: kept as long as a switch may be disputed.
    Guard("run"),
    Guard("run_report"),
]
# Tables without any column that may change: an erasure skips them.
IMMUTABLE_TABLES = {guard.table for guard in GUARDS if guard == Guard(guard.table)}


def install_triggers(connection: Connection) -> None:
    """Create all triggers for the current columns. Tables that an old schema doesn't have yet are skipped."""
    remove_triggers(connection)
    if connection.dialect.name == "postgresql":
        connection.execute(text(_FUNCTION_SQL))
    for _, statement in _triggers(connection):
        # Not through text(): it would take a colon in the trigger for a parameter.
        connection.exec_driver_sql(statement)


def remove_triggers(connection: Connection) -> None:
    """Drop all triggers, for a migration that rebuilds tables."""
    tables = set(inspect(connection).get_table_names())
    for guard in GUARDS:
        if guard.table in tables:
            for name in _trigger_names(guard.table):
                on = f' ON "{guard.table}"' if connection.dialect.name == "postgresql" else ""
                connection.exec_driver_sql(f'DROP TRIGGER IF EXISTS "{name}"{on}')


def tables_without_triggers(connection: Connection) -> list[str]:
    """Return the guarded tables whose triggers are missing or were altered."""
    if connection.dialect.name == "postgresql":
        intact = set(connection.execute(text(_INTACT), {"function": _FUNCTION, "body": _BODY}).scalars())
        missing = {name for name, _ in _triggers(connection) if name not in intact}
    else:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        statements: dict[str, str] = dict(rows.tuples().all())
        missing = {name for name, statement in _triggers(connection) if statements.get(name) != statement}
    return [guard.table for guard in GUARDS if missing & set(_trigger_names(guard.table))]


def _trigger_names(table: str) -> list[str]:
    """Return the names of a table's triggers on update, delete, insert and truncate. They are stored in databases."""
    return [f"{table}_keeps_{what}" for what in ("what_it_says", "its_rows", "its_places", "all")]


def _triggers(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield each trigger's name and its CREATE statement."""
    inspector = inspect(connection)
    guarded = [guard.table for guard in GUARDS]
    columns_of = {
        table: [column["name"] for column in columns]
        for (_, table), columns in inspector.get_multi_columns(filter_names=guarded).items()
    }
    for guard in GUARDS:
        columns = columns_of.get(guard.table, [])
        if not columns or not guard.mutable_columns <= set(columns):
            continue
        if connection.dialect.name == "postgresql":
            yield from _on_postgres(guard, columns)
        else:
            yield from _on_sqlite(guard, columns, _keys(inspector, guard.table))


def _keys(inspector: Inspector, table: str) -> list[list[str]]:
    """Return the columns of each key of a table, its primary key first."""
    unique = [constraint["column_names"] for constraint in inspector.get_unique_constraints(table)]
    return [inspector.get_pk_constraint(table)["constrained_columns"], *unique]


def _on_sqlite(guard: Guard, columns: list[str], keys: list[list[str]]) -> Iterator[tuple[str, str]]:
    on_update, on_delete, on_insert, _ = _trigger_names(guard.table)
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_refusal(guard.table)}'); END"
    on = f'ON "{guard.table}" FOR EACH ROW'
    allowed = guard.update_condition(columns, "IS")
    yield on_update, f'CREATE TRIGGER "{on_update}" BEFORE UPDATE {on} WHEN NOT ({allowed}) {refuse}'
    yield on_delete, f'CREATE TRIGGER "{on_delete}" BEFORE DELETE {on} {refuse}'
    # INSERT OR REPLACE deletes rows without firing the trigger above, unless recursive_triggers is on.
    same_key = " OR ".join(
        "(" + " AND ".join(f'"{name}" = NEW."{name}"' for name in key) + ")" for key in sorted(keys)
    )
    exists = f'EXISTS (SELECT 1 FROM "{guard.table}" WHERE {same_key})'
    yield on_insert, f'CREATE TRIGGER "{on_insert}" BEFORE INSERT {on} WHEN {exists} {refuse}'


def _on_postgres(guard: Guard, columns: list[str]) -> Iterator[tuple[str, str]]:
    on_update, on_delete, _, on_truncate = _trigger_names(guard.table)
    refuse = f"EXECUTE FUNCTION {_FUNCTION}()"
    on = f'ON "{guard.table}"'
    allowed = guard.update_condition(columns, "IS NOT DISTINCT FROM")
    yield (
        on_update,
        f'CREATE TRIGGER "{on_update}" BEFORE UPDATE {on} FOR EACH ROW WHEN (NOT ({allowed})) {refuse}',
    )
    yield on_delete, f'CREATE TRIGGER "{on_delete}" BEFORE DELETE {on} FOR EACH ROW {refuse}'
    yield on_truncate, f'CREATE TRIGGER "{on_truncate}" BEFORE TRUNCATE {on} FOR EACH STATEMENT {refuse}'


def _refusal(table: str) -> str:
    return f"{table} is append-only: its rows are neither changed nor removed"


_BODY = """
BEGIN
  RAISE EXCEPTION '% is append-only: its rows are neither changed nor removed', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END """
_FUNCTION_SQL = f"CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $${_BODY}$$"
# The intact triggers: enabled, on the table in their name, for the right operation, before it, and calling our function
# with its original body. Only the one on update may have a condition. Postgres rewrites that, so it isn't compared.
_INTACT = """
SELECT tgname FROM pg_trigger
JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE tgenabled IN ('O', 'A') AND NOT tgisinternal AND proname = :function AND prosrc = :body AND (
  (tgname = relname || '_keeps_what_it_says' AND tgtype = 19)
  OR (tgname = relname || '_keeps_its_rows' AND tgtype = 11 AND tgqual IS NULL)
  OR (tgname = relname || '_keeps_all' AND tgtype = 34 AND tgqual IS NULL)
)
"""
