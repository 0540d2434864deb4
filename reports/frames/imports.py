"""Past imports as a frame."""

from __future__ import annotations

from dataclasses import astuple, fields

import pandas as pd

from models.people import Actor
from store.imports import PastImport, past_imports


def imports(actor: Actor, slug: str) -> pd.DataFrame:
    """Return the last 200 imports, newest first.

    Columns: `import_id`, `at` and `undone_at` (aware datetimes; None where it wasn't undone), `by`, `undone_by`, `kind`,
    `file_name`, and how many records it `added`, `changed` and left `unchanged`.
    """
    rows = [astuple(row) for row in past_imports(actor, slug)]
    # Built of plain objects: pandas would make one kind of missing date of the moments and NaN of the names.
    return pd.DataFrame(rows, columns=[field.name for field in fields(PastImport)], dtype=object)
