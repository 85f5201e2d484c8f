"""How a scan ends: what became of the files, what was found, what to type next."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from pipelines.batch.report import BatchReport, FileReport, Outcome, Tally
from pipelines.incident import Grade, Kind
from service.cli.options import command

COLOURS = {Outcome.DONE: "green", Outcome.FAILED: "red", Outcome.SKIPPED: "dim", Outcome.WAITING: "yellow"}
ROUTINE = frozenset({"done"})  # reasons that need no row of their own


@dataclass(frozen=True, slots=True)
class Ending:
    """How a scan ended. `problem`: what keeps judgements from the server. `refused`: it would not have them; else it
    could not be used. `unreviewed`: incidents in the database that wait for a person; None for a server's.
    """

    report: BatchReport
    server: str | None = None
    problem: str | None = None
    refused: bool = False
    unreviewed: int | None = None


def to_json(ending: Ending) -> str:
    """For machines: one JSON object."""
    content = asdict(ending) | {"times_real_time": _rate(ending.report)}
    return json.dumps(content, ensure_ascii=False, indent=1)


def print_summary(console: Console, ending: Ending, home: Path | None, database: str | None = None) -> None:
    """`home`, `database`: as the user gave them, for the command to type next."""
    report = ending.report
    console.print(_files_line(report), highlight=False)
    worth_telling = [file for file in report.files if file.damage or (file.code and file.code not in ROUTINE)]
    if worth_telling:
        console.print(_files_table(worth_telling))
    if report.tallies:
        console.print(_tallies_table(report.tallies))
    elif report.count(Outcome.DONE):
        console.print("No incidents found.")
    if report.waiting:
        waiting = f"{report.waiting} judgement{'s wait' if report.waiting > 1 else ' waits'} in the spool"
        why = "refused: " if ending.refused else "not sent: "
        console.print(f"{waiting}, {why}{ending.problem}", style="yellow", markup=False)
    if ending.unreviewed:
        console.print(f"{ending.unreviewed} unreviewed in the database.", highlight=False)
    following = Text.assemble("Next: ", (_next(ending, home, database), "bold"))
    console.print(following, soft_wrap=True)


def _files_line(report: BatchReport) -> str:
    parts = [
        f"[{COLOURS[outcome]}]{report.count(outcome)} {outcome}[/]"
        for outcome in Outcome
        if report.count(outcome) or outcome is Outcome.DONE
    ]
    rate = _rate(report)
    speed = f" · {report.video_s:.0f} s of video in {report.wall_s:.0f} s ({rate:.1f} x real time)" if rate else ""
    return f"{len(report.files)} file{'s' if len(report.files) != 1 else ''}: {', '.join(parts)}{speed}"


def _rate(report: BatchReport) -> float | None:
    return round(report.video_s / report.wall_s, 2) if report.video_s > 0 and report.wall_s > 0 else None


def _files_table(files: list[FileReport]) -> Table:
    file_name, why = (Column(name, overflow="fold") for name in ("file", "why"))  # a name cut short names no file
    table = Table(file_name, Column(no_wrap=True), why, box=None, pad_edge=False, header_style="dim")
    for file in files:
        code = "damaged" if file.damage else file.code or ""
        style = COLOURS[file.outcome]
        outcome = Text.assemble((file.outcome, style), " ", (code, "dim"))
        table.add_row(Text(file.name), outcome, Text(file.damage or file.reason or ""))
    return table


def _tallies_table(tallies: tuple[Tally, ...]) -> Table:
    table = Table("found in this run", box=None, pad_edge=False, header_style="dim")
    for grade in Grade:
        table.add_column(grade.value, justify="right")
    for kind in Kind:
        row = {tally.grade: tally.count for tally in tallies if tally.kind is kind}
        if row:
            table.add_row(kind.value.replace("_", " "), *(str(row.get(grade, "")) for grade in Grade))
    return table


def _next(ending: Ending, home: Path | None, database: str | None) -> str:
    if ending.server is not None:
        if not ending.report.waiting:
            return ending.server
        return f"the same command again, when {ending.server} {'will have them' if ending.refused else 'can be used'}"
    if ending.unreviewed:
        return f"{command('serve', home, database)}    # the review page"
    return command("counts --by place,kind", home, database)
