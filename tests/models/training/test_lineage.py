"""What a network says of the trainings behind it, from header to header and through the manifest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")
pytest.importorskip("ultralytics")

from models.data.sources import Recipe, Source, read_recipe
from models.errors import BadUse
from models.export.release import trained_lineage
from models.manifest import CHECKPOINT_NAME
from models.network import build_network, save_network
from models.training.lineage import LINEAGE_KEY, DataSource, Lineage, TrainingStep, lineage_from, lineage_of
from models.training.progress import Progress
from models.training.schedule import Schedule

CONFIG = Path(__file__).parents[3] / "models/config/street_v1.toml"  # starts from weights/street-v0/street.safetensors
RECIPE = read_recipe(CONFIG)
STEP = TrainingStep("first.toml", "abc", "patrol train", "begin.safetensors", 320, 7)
FIRST = Lineage((STEP,), (DataSource("cngb", "litter/train", "CC BY 4.0"), DataSource("own", "own", "ours")))

word = st.text(min_size=1, max_size=8)
steps = st.builds(TrainingStep, word, word, word, word, st.integers(0, 10**6), st.integers(0, 10**5))
lineages = st.builds(
    lambda training, data: Lineage(tuple(training), tuple(data)),
    st.lists(steps, max_size=4),
    st.lists(st.builds(DataSource, word, word, word), max_size=4),
)


@given(lineages)
def test_tables_are_read_as_they_were_written(lineage: Lineage) -> None:
    assert lineage_from(json.loads(json.dumps(lineage.tables()))) == lineage


@given(lineages, st.integers(0, 500), st.floats(0, 1e5))
def test_a_training_adds_one_step_and_each_source_once(lineage: Lineage, done: int, seconds: float) -> None:
    recipe = Recipe("s", "b", "h", (Source("a", "f", "CC0"), Source("b", "f", "MIT")), batch=8, file="r.toml")
    grown = lineage.extended(Schedule(recipe, 600.0), Progress("", steps_done=done, seconds=seconds))
    assert grown.training[:-1] == lineage.training
    assert (grown.training[-1].pictures_seen, grown.training[-1].seconds) == (8 * done, round(seconds))
    assert grown.training[-1].command.endswith("models/config/r.toml --data ROOT --run RUN --minutes 10")
    assert set(grown.data) == set(lineage.data) | {DataSource("a", "f", "CC0"), DataSource("b", "f", "MIT")}
    assert grown.extended(Schedule(recipe), Progress("")).data == grown.data


def test_a_release_tells_its_lineage_by_its_header(tmp_path: Path) -> None:
    checkpoint = tmp_path / CHECKPOINT_NAME
    save_network(build_network(), checkpoint, {LINEAGE_KEY: json.dumps(FIRST.tables())})
    assert lineage_of(checkpoint) == trained_lineage(checkpoint) == FIRST


def test_what_was_trained_is_not_guessed(tmp_path: Path) -> None:
    save_network(build_network(), tmp_path / CHECKPOINT_NAME)
    assert lineage_of(tmp_path / CHECKPOINT_NAME) == Lineage()
    with pytest.raises(BadUse, match="does not say how it was trained"):
        trained_lineage(tmp_path / CHECKPOINT_NAME)


@pytest.mark.parametrize("content", [None, b"", b"no weights at all"])
def test_what_is_no_checkpoint_is_named(tmp_path: Path, content: bytes | None) -> None:
    checkpoint = tmp_path / CHECKPOINT_NAME
    if content is not None:
        checkpoint.write_bytes(content)
    with pytest.raises(BadUse, match=CHECKPOINT_NAME):
        trained_lineage(checkpoint)
