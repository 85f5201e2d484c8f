"""What a network says of the trainings behind it, from header to header and through the manifest."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")
pytest.importorskip("ultralytics")

from models.data.sources import Recipe, Source, read_recipe
from models.errors import BadUse
from models.export import trained_lineage
from models.lineage import LINEAGE_KEY, DataSource, Lineage, TrainingStep, lineage_from, lineage_of
from models.manifest import CHECKPOINT_NAME, sha256_of
from models.manifest_write import update_network
from models.network import build_network, save_network
from models.progress import PROGRESS_NAME, Progress
from models.schedule import Schedule

CONFIG = Path(__file__).parents[2] / "models/config/street_v1.toml"  # starts from weights/street-v0/street.safetensors
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


def release_first(weights: Path, *, in_header: bool) -> None:
    """`street-v0`, whose lineage is in its header, or in the manifest alone as up to street-v3."""
    checkpoint = weights / "street-v0" / CHECKPOINT_NAME
    checkpoint.parent.mkdir(parents=True)
    save_network(build_network(), checkpoint, {LINEAGE_KEY: json.dumps(FIRST.tables())} if in_header else None)
    tables = {} if in_header else FIRST.tables()
    update_network(weights, "street-v0", {"files": {CHECKPOINT_NAME: sha256_of(checkpoint)}, **tables})


@pytest.mark.parametrize("in_header", [True, False])
def test_a_release_tells_its_lineage_by_its_header_or_by_the_manifest(tmp_path: Path, in_header: bool) -> None:
    release_first(tmp_path, in_header=in_header)
    assert lineage_of(tmp_path / "street-v0" / CHECKPOINT_NAME) == FIRST


def test_the_manifest_speaks_only_for_the_file_it_names(tmp_path: Path) -> None:
    release_first(tmp_path, in_header=False)
    save_network(build_network(), tmp_path / "street-v0" / CHECKPOINT_NAME)
    assert lineage_of(tmp_path / "street-v0" / CHECKPOINT_NAME) == Lineage()


def old_checkpoint(run: Path, seen: int, progress: Progress) -> Path:
    """As trainings wrote them before headers held lineages."""
    run.mkdir()
    about = {"recipe_sha256": RECIPE.sha256, "start": RECIPE.start, "pictures_seen": str(seen)}
    save_network(build_network(), run / "street.safetensors", about)
    (run / PROGRESS_NAME).write_text(json.dumps(asdict(progress)), "utf-8")
    return run / "street.safetensors"


EPOCH = RECIPE.epoch_pictures // RECIPE.batch


@pytest.mark.parametrize(("steps", "option"), [(4 * EPOCH, "--epochs 4"), (4 * EPOCH + 12, "--minutes 50")])
def test_an_old_checkpoint_goes_on_from_the_release_it_started_from(tmp_path: Path, steps: int, option: str) -> None:
    release_first(tmp_path / "weights", in_header=False)
    done = Progress(RECIPE.sha256, steps_done=steps, seconds=3000.0)
    checkpoint = old_checkpoint(tmp_path / "run", steps * RECIPE.batch, done)
    lineage = trained_lineage(checkpoint, CONFIG, tmp_path / "weights")
    assert lineage.training[0] == STEP
    (mine,) = lineage.training[1:]
    assert (mine.config, mine.start, mine.seconds) == (CONFIG.name, RECIPE.start, 3000)
    assert mine.pictures_seen == steps * RECIPE.batch
    assert mine.command.endswith(option)
    assert {each.name for each in lineage.data} == {"own", *(each.name for each in RECIPE.sources)}


def test_the_best_weights_are_told_by_what_they_had_seen(tmp_path: Path) -> None:
    done = Progress(RECIPE.sha256, steps_done=4 * EPOCH, seconds=3000.0)
    checkpoint = old_checkpoint(tmp_path / "run", EPOCH * RECIPE.batch, done)
    (mine,) = trained_lineage(checkpoint, CONFIG, tmp_path).training
    assert (mine.pictures_seen, mine.seconds) == (EPOCH * RECIPE.batch, 750)


def test_what_was_trained_is_not_guessed(tmp_path: Path) -> None:
    done = Progress(RECIPE.sha256, steps_done=4, seconds=30.0)
    checkpoint = old_checkpoint(tmp_path / "run", 64, done)
    with pytest.raises(BadUse, match="does not say how it was trained"):
        trained_lineage(checkpoint, None, tmp_path)
    with pytest.raises(BadUse, match="another configuration"):
        trained_lineage(checkpoint, CONFIG.with_name("street_v0.toml"), tmp_path)
    (tmp_path / "run" / PROGRESS_NAME).write_text(json.dumps(asdict(replace(done, recipe="other"))), "utf-8")
    with pytest.raises(BadUse, match="how long"):
        trained_lineage(checkpoint, CONFIG, tmp_path)
