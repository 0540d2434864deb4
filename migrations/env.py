"""Runs migrations. On SQLite foreign keys are off while tables are rebuilt, and checked before the commit.

The triggers that guard what is append-only are lifted meanwhile and put back in the same transaction: a migration may
rebuild those tables, which drops them, or fill a new column in.
"""

from alembic import context

from models import append_only
from models.base import Base
from models.database import database_url, engine_of

url = context.config.attributes.get("url") or database_url()
engine = engine_of(url)

with engine.connect().execution_options(writes=True) as connection:
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        # A no-op within a transaction, so it is said to the driver before one begins.
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
    try:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=is_sqlite,
            transactional_ddl=True,
            user_module_prefix="models.base.",
        )
        with context.begin_transaction():
            append_only.remove_triggers(connection)
            context.run_migrations()
            append_only.install_triggers(connection)
            if is_sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"The migration would leave rows that refer to nothing: {broken[:5]}")
    finally:
        if is_sqlite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")
