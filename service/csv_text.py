"""CSV that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """RFC 4180. Text that a spreadsheet would run as a formula is made harmless."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(columns)
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return target.getvalue()


def _cell(value: Any) -> Any:
    """OWASP, CSV injection: =, +, -, @, tab and carriage return start a formula in some spreadsheet."""
    is_formula = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    return f"'{value}" if is_formula else value
