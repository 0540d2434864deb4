"""Commands that keep the database: upgrade, backup and restore."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from models.database import database_url
from models.errors import HeadwayError
from models.wording import count
from services.operations import backups, schema
from services.operations.presence import prepare_file
from services.operations.restoring import Loss
from services.operations.restoring import restore as restore_file
from services.operations.trial_restore import TrialRestore, try_restore


def add_to(program: typer.Typer) -> None:
    """Add the commands to `program`."""
    for command in (upgrade, backup, restore):
        program.command()(command)


def upgrade(
    new: Annotated[
        bool, typer.Option("--new", help="Create an empty database, although there was one here before.")
    ] = False,
) -> None:
    """Bring the database at DATABASE_URL to the newest migration."""
    prepare_file(database_url(), new=new)
    schema.upgrade(database_url())
    print(f"The database is at migration {schema.schema_revision(database_url())}.")


def backup(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="The file to write, or the folder for a file named for its time. By default a folder."
        ),
    ] = None,
    keep: Annotated[
        int | None, typer.Option(min=1, help="Remove the oldest backups in the folder beyond this number.")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Restore it to try, and verify its journals.")
    ] = False,
) -> None:
    """Copy the database, completely and checked, while the program runs. Postgres is dumped by pg_dump."""
    is_folder = file is None or file.is_dir() or keep is not None
    if keep is not None and file is not None and file.is_file():
        raise typer.BadParameter(f"{file} is a file: --keep needs a folder")
    if file is None or is_folder:
        written = _back_up_in_turn(file or backups.default_folder(), keep, verify)
    else:
        backups.back_up(file)
        written = file
        print(f"Wrote {written}.")
        if verify:
            _try(written)


def _back_up_in_turn(folder: Path, keep: int | None, verify: bool) -> Path:
    file = backups.back_up_in_turn(folder, datetime.now(UTC))
    print(f"Wrote {file}.")
    if verify:
        _try(file)
    # Only now: a backup that can't be restored must not push out one that can.
    for old in backups.remove_old(folder, keep, file.suffix) if keep else []:
        print(f"Removed {old}.")
    return file


def _try(file: Path) -> None:
    """Print what a test restore came to. A backup that fails is renamed, and HeadwayError raised."""
    try:
        print(_describe(try_restore(file)))
    except HeadwayError as failed:
        bad = file.with_name(f"{file.name}.bad")
        file.rename(bad)
        raise HeadwayError(f"{failed} The file is now {bad}.") from failed


def _describe(tried: TrialRestore) -> str:
    if tried.only_read:
        return (
            "It was read to its end. To restore it as a test, this account needs the right to create databases "
            "(CREATEDB)."
        )
    return (
        f"It was restored as a test: {count(tried.engagements, 'engagement')}, all "
        f"{count(tried.entries, 'journal entry', 'journal entries')} verify."
    )


def restore(
    file: Annotated[Path, typer.Argument(help="A backup of the embedded database.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask, whatever would be lost.")] = False,
) -> None:
    """Replace the embedded database by the backup FILE. Refused while the program runs."""

    def agree(loss: Loss) -> bool:
        print("Restoring would lose what is newer than the backup:")
        print("\n".join(f"  {sentence}" for sentence in loss.sentences()))
        if yes:
            return True
        print("Restore anyway? [y/N] ", end="", flush=True)
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    copy = restore_file(file, datetime.now(UTC), agree)
    print(f"Restored {file}." + (f" What was there is now {copy}." if copy else ""))
