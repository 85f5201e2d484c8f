"""The base network as a teacher: what it adds to the labels, and how the loss hands it on."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("ultralytics")

from models.errors import BadUse  # noqa: E402
from models.network import build_network, save_network  # noqa: E402
from models.taxonomy import CLASS_ID, STREET_CLASSES  # noqa: E402
from models.training.loss import LikelihoodAssigner, StreetLoss  # noqa: E402
from models.training.teacher import COCO_CLASSES, COCO_ROAD_USERS, Lesson, Teacher, labelled  # noqa: E402

CAR, BUS, TRUCK, LITTER = (CLASS_ID[name] for name in ("car", "bus", "truck", "litter"))
THEIRS = {name: 4 + theirs for theirs, name in COCO_ROAD_USERS.items()}
SIZE = 100
PICTURES = torch.zeros(2, 3, SIZE, SIZE)
EVERY_ROAD_USER = torch.zeros(2, len(STREET_CLASSES))
EVERY_ROAD_USER[:, [CLASS_ID[name] for name in COCO_ROAD_USERS.values()]] = 1


def row(x1: float, y1: float, x2: float, y2: float, **sure: float) -> torch.Tensor:
    """A row of the base network's output."""
    values = torch.zeros(4 + len(COCO_CLASSES))
    values[:4] = torch.tensor([x1, y1, x2, y2])
    for name, confidence in sure.items():
        values[THEIRS[name]] = confidence
    return values


class Says(torch.nn.Module):  # type: ignore[misc]
    """A base network that gives the same rows for every picture."""

    def __init__(self, *rows: torch.Tensor) -> None:
        super().__init__()
        self.rows = torch.stack(rows)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.rows.expand(len(pictures), -1, -1)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("base") / "base.safetensors"
    save_network(build_network(COCO_CLASSES), path)
    return path


def teacher(checkpoint: Path, *rows: torch.Tensor) -> Teacher:
    made = Teacher(checkpoint, 0.05, torch.device("cpu"))
    made._network = Says(*rows)
    return made


def labels(*boxes: tuple[int, int, float, float, float, float]) -> Lesson:
    """(picture, class, centre x, centre y, width, height)."""
    table = torch.tensor([each[2:] for each in boxes]).reshape(-1, 4)
    batch = {
        "batch_idx": torch.tensor([float(each[0]) for each in boxes]),
        "cls": torch.tensor([[float(each[1])] for each in boxes]),
        "bboxes": table,
    }
    return labelled(batch)


def test_what_is_half_seen_is_taught_half(checkpoint: Path) -> None:
    taught = teacher(checkpoint, row(10, 20, 30, 60, bus=0.5, truck=0.25))(PICTURES, labels(), EVERY_ROAD_USER)
    assert taught.picture.tolist() == [0, 1]
    assert taught.boxes[0].tolist() == pytest.approx([0.2, 0.4, 0.2, 0.4])
    assert taught.likelihood[0, [BUS, TRUCK, CAR]].tolist() == pytest.approx([0.5, 0.25, 0.0])
    assert taught.class_id.tolist() == [BUS, BUS]


def test_a_labelled_thing_is_not_taught_again_and_boxes_are_in_the_order_of_pictures(checkpoint: Path) -> None:
    says = teacher(checkpoint, row(0, 0, 50, 50, car=0.9), row(60, 60, 90, 90, truck=0.4))
    taught = says(PICTURES, labels((1, CAR, 0.25, 0.25, 0.5, 0.4)), EVERY_ROAD_USER)
    assert taught.picture.tolist() == [0, 0, 1, 1]
    assert taught.class_id.tolist() == [CAR, TRUCK, CAR, TRUCK]
    assert taught.likelihood[2, CAR] == 1.0  # the label, though the teacher is less sure


def test_of_boxes_of_one_thing_the_surest_is_taught(checkpoint: Path) -> None:
    says = teacher(checkpoint, row(0, 0, 50, 50, truck=0.3), row(0, 0, 50, 48, bus=0.6), row(0, 0, 9, 9, car=0.04))
    taught = says(PICTURES[:1], labels(), EVERY_ROAD_USER[:1])
    assert taught.class_id.tolist() == [BUS]


def test_it_has_a_say_only_about_classes_that_the_source_left_out(checkpoint: Path) -> None:
    says = teacher(checkpoint, row(0, 0, 50, 50, car=0.9, truck=0.2), row(60, 60, 90, 90, car=0.8))
    only_trucks = torch.zeros(2, len(STREET_CLASSES))
    only_trucks[1, TRUCK] = 1
    taught = says(PICTURES, labels(), only_trucks)
    assert taught.picture.tolist() == [1]
    assert taught.likelihood[0].nonzero().ravel().tolist() == [TRUCK]
    mine = labels((0, LITTER, 0.5, 0.5, 0.1, 0.1))
    assert says(PICTURES, mine, torch.zeros(2, len(STREET_CLASSES))) is mine


def targets_of(lesson: Lesson, pictures: int = 1) -> torch.Tensor:
    """(anchors, classes) what an untrained network is told to say of the first of these pictures of 64 pixels."""
    from ultralytics.cfg import get_cfg

    torch.manual_seed(0)
    network = build_network().train()
    network.args = get_cfg()
    loss, told = StreetLoss(network), []
    loss._bce.register_forward_pre_hook(lambda _module, given: told.append(given[1]))
    known = torch.ones(pictures, len(STREET_CLASSES))
    value, _ = loss(network(torch.rand(pictures, 3, 64, 64)), lesson, known)
    value.backward()
    assert value.isfinite()
    return told[0][0]


def test_the_pupil_is_told_every_class_as_likely_as_the_teacher_finds_it() -> None:
    likelihood = torch.zeros(1, len(STREET_CLASSES))
    likelihood[0, [BUS, TRUCK]] = torch.tensor([0.6, 0.3])
    box = torch.tensor([[0.5, 0.5, 0.5, 0.5]])
    told = targets_of(Lesson(torch.tensor([0]), box, likelihood))
    sure = targets_of(Lesson(torch.tensor([0]), box, torch.eye(len(STREET_CLASSES))[[BUS]]))
    assert sure[:, BUS].max() > 0
    assert told[:, BUS].tolist() == pytest.approx((0.6 * sure[:, BUS]).tolist())
    assert told[:, TRUCK].tolist() == pytest.approx((0.3 * sure[:, BUS]).tolist())
    assert told[:, [CAR, LITTER]].max() == 0


def test_a_batch_without_a_thing_teaches_that_there_is_none() -> None:
    assert targets_of(labels()).max() == 0


def test_memory_that_runs_out_is_an_error_and_no_picture_gets_anothers_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = LikelihoodAssigner._forward

    def run_out(assigner: LikelihoodAssigner, scores: torch.Tensor, *rest: torch.Tensor) -> tuple[torch.Tensor, ...]:
        if len(scores) > 1:
            raise RuntimeError("CUDA out of memory")
        return whole(assigner, scores, *rest)  # type: ignore[no-any-return]

    one, two = labels((0, CAR, 0.5, 0.5, 0.5, 0.5)), labels((0, CAR, 0.5, 0.5, 0.5, 0.5), (1, BUS, 0.5, 0.5, 0.5, 0.5))
    monkeypatch.setattr(LikelihoodAssigner, "_forward", run_out)
    assert targets_of(one)[:, CAR].max() > 0
    with pytest.raises(BadUse, match="2 pictures at once"):
        targets_of(two, pictures=2)
