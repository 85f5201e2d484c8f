"""docs/observation-log.md cannot rot: it names each column with its type, each member of the metadata, each class."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from models.taxonomy import STREET_CLASSES
from tests.pipelines.logs import lamp, make_log, standing
from vision.log import SCHEMA_VERSION
from vision.log_store import META_KEY, write_log

PAGE = (Path(__file__).parents[3] / "docs" / "observation-log.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    found = re.search(rf"^## {title}.*?\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    head = lamp(9, (600.0, 50.0, 620.0, 100.0), [("red", 0.0, 2.0)])
    write_log(make_log([standing(1, "car", 20.0, 0.0)], [head], duration_s=2.0), tmp_path / "a.obs")
    return tmp_path / "a.obs"


@pytest.mark.parametrize("table", ["frames", "observations", "tracks", "signals", "quality", "coverage"])
def test_every_column_is_on_the_page_with_its_type(folder: Path, table: str) -> None:
    shown = []
    for names, kind in re.findall(r"^\| (`.*?) \| (\w+) \|", section(table), re.MULTILINE):
        shown += [(name, kind) for name in re.findall(r"`(\w+)`", names)]
    file = pq.ParquetFile(folder / f"{table}.parquet")
    assert sorted(shown) == sorted((field.name, str(field.type)) for field in file.schema_arrow)
    groups = file.metadata.row_group(0)
    assert {groups.column(column).compression for column in range(groups.num_columns)} == {"ZSTD"}


def test_every_member_of_the_metadata_is_on_the_page(folder: Path) -> None:
    members = json.loads(pq.read_schema(folder / "frames.parquet").metadata[META_KEY])
    shown = re.findall(r"`(\w+)`", section("Metadata"))
    assert set(members) <= set(shown)
    assert {*members["files"][0], *members["clock"], *members["ground_camera"]} <= set(shown)
    assert f"`schema_version` {SCHEMA_VERSION} " in PAGE


def test_every_class_is_on_the_page_with_its_number() -> None:
    named = re.findall(r"(\d+) ([a-z_]+)", section("Classes").partition(": ")[2])
    assert named == [(str(number), name) for number, name in enumerate(STREET_CLASSES)]
