"""The tables that `patrol evaluate network` prints."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from models.evaluation.evaluate import Score
from models.evaluation.gate import Compared
from models.evaluation.measures import Measured
from models.evaluation.report import bucket_name, number, span
from service.cli.tables import titled_table

console = Console(highlight=False, markup=False)


def show_scores(model_id: str, rows: Sequence[Score]) -> None:
    headings = ("size px", "boxes", "AP50", "95 %", "AP50-95", "threshold", "P", "R", "false/picture")
    table = titled_table(model_id, ("set", "class"), headings)
    for row in rows:
        table.add_row(
            row.set_name, row.class_name, bucket_name(row.bucket), str(row.truths), number(row.ap50),
            span(row.interval50), number(row.ap), number(row.threshold), number(row.precision), number(row.recall),
            number(row.false_per_picture),
        )  # fmt: skip
    console.print(table)


def show_measures(measured: Sequence[Measured]) -> None:
    if not measured:
        return
    table = titled_table("numbers to reach", ("measure",), ("value", "95 %", "floor", "aim", "reached", "rests on"))
    for each in measured:
        table.add_row(
            each.name, number(each.value, 3), span(each.interval, 3), number(each.floor, 3), number(each.aim, 3),
            each.reached, each.note,
        )  # fmt: skip
    console.print(table)


def show_comparison(compared: Sequence[Compared]) -> None:
    if not compared:
        return
    headings = ("boxes", "AP50", "in use", "difference", "95 %", "")
    table = titled_table("against the network in use", ("class", "set"), headings)
    for row in compared:
        table.add_row(
            row.class_name, row.set_name or "all sets", str(row.truths), number(row.candidate, 3),
            number(row.incumbent, 3), f"{row.difference:+.3f}", span(row.interval, 3), _word(row),
        )  # fmt: skip
    console.print(table)


def _word(row: Compared) -> str:
    if not row.loses:
        return ""
    return "worse here" if row.set_name else "loses"
