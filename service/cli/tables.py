"""The look of tables in the terminal."""

from __future__ import annotations

from rich.table import Table


def titled_table(title: str, left: tuple[str, ...], right: tuple[str, ...]) -> Table:
    """An empty table with columns of words on the left and columns of numbers on the right."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="dim")
    for heading in left:
        table.add_column(heading)
    for heading in right:
        table.add_column(heading, justify="right")
    return table
