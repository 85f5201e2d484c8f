"""CSV files of labels: every row and number checked, errors name file, line and column."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Final

from pipelines.errors import TruthError

Box = tuple[float, float, float, float]

ADVICE: Final = "docs/evaluation.md describes the files"
BOX_COLUMNS: Final = ("x1", "y1", "x2", "y2")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file; an empty cell is NaN as a number. `where`: file and line, for errors."""

    where: str
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        return self.cells[column].strip()

    def number(self, column: str) -> float:
        """NaN for an empty cell."""
        text = self.text(column)
        return self._read(column, text) if text else float("nan")

    def given(self, column: str) -> float:
        """A number that must be there."""
        value = self._read(column, self.text(column))
        if not isfinite(value):
            raise TruthError(f"{self.where}: {column} is not finite", advice=ADVICE)
        return value

    def box(self) -> Box:
        """x1, y1, x2, y2 in native pixels."""
        x1, y1, x2, y2 = (self.given(column) for column in BOX_COLUMNS)
        if x2 <= x1 or y2 <= y1:
            raise TruthError(f"{self.where}: a box needs x2 > x1 and y2 > y1", advice=ADVICE)
        return x1, y1, x2, y2

    def _read(self, column: str, text: str) -> float:
        try:
            return float(text)
        except ValueError as error:
            raise TruthError(f"{self.where}: {column} is no number: '{text}'", advice=ADVICE) from error


def read_rows(path: Path, columns: tuple[str, ...]) -> list[Row]:
    """Raises `TruthError` if the file is missing, is no UTF-8, lacks one of `columns`, or has a short line."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(_rows(path, csv.DictReader(file), columns))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TruthError(f"{path}: cannot be read: {error}", advice=ADVICE) from error


def _rows(path: Path, reader: csv.DictReader[str], columns: tuple[str, ...]) -> Iterator[Row]:
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise TruthError(f"{path}: column {', '.join(missing)} is missing", advice=ADVICE)
    for row in reader:
        where = f"{path}:{reader.line_num}"
        if any(row[column] is None for column in columns):
            raise TruthError(f"{where}: the line is too short", advice=ADVICE)
        yield Row(where, row)
