"""
The plain majority of files: no quotation mark, and on each line the same number of cells. Those are taken
apart in one go and kept by columns: no list a row, which for 100,000 rows is most of what reading costs.
"""

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np

from services.parsing.sheet import MAX_CELLS, MAX_COLUMNS, MAX_ROWS


class UniformRows(Sequence[Sequence[str]]):
    """Rows of equal length, kept by columns. A slice is again such rows."""

    def __init__(self, columns: list[list[str]]):
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns[0])

    @overload
    def __getitem__(self, index: int) -> Sequence[str]: ...

    @overload
    def __getitem__(self, index: slice) -> "UniformRows": ...

    def __getitem__(self, index: int | slice) -> "Sequence[str] | UniformRows":
        if isinstance(index, slice):
            return UniformRows([column[index] for column in self.columns])
        return [column[index] for column in self.columns]

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return zip(*self.columns, strict=True)


def uniform_rows(text: str, separator: str) -> UniformRows | None:
    """
    All rows of `text`, the header included; None where it isn't so plain, and for whoever is to refuse it.
    """
    text = text.replace("\r\n", "\n").rstrip("\n") + "\n"
    width = text.count(separator, 0, text.index("\n")) + 1
    if '"' in text or "\r" in text or width > MAX_COLUMNS or not _is_even(text, separator, width):
        return None
    cells = text.replace("\n", separator).split(separator)
    cells.pop()
    rows = UniformRows([cells[position::width] for position in range(width)])
    small = len(rows) <= MAX_ROWS + 1 and len(cells) <= MAX_CELLS
    return rows if small and all(map(str.strip, rows.columns[0])) else None


def _is_even(text: str, separator: str, width: int) -> bool:
    try:
        data = np.frombuffer(text.encode("utf-8"), np.uint8)
    except UnicodeEncodeError:
        return False
    marks = data[(data == ord(separator)) | (data == ord("\n"))]
    if marks.size % width or not separator.isascii():
        return False
    ends = marks.reshape(-1, width) == ord("\n")
    return bool(ends[:, -1].all() and not ends[:, :-1].any())
