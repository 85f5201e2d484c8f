"""A job that goes wrong, however badly, costs itself and nothing else."""

from __future__ import annotations

import pytest

from models.errors import PatrolError, WeightsError
from pipelines.batch.workers import DetectorSource, Ended, Job, WorkerDied, WorkerError, crew_of
from tests.pipelines.detectors import NoWeights, Square, WhiteSquaresSource


def outcomes(workers: int, jobs: list[Job], source: DetectorSource | None = None) -> tuple[list[Ended], list[float]]:
    told: list[float] = []
    with crew_of(workers, source or WhiteSquaresSource(), lambda _, value: told.append(value)) as crew:
        for job in jobs:
            crew.submit(job)
        return [crew.next() for _ in jobs], told


@pytest.mark.parametrize("workers", [0, 2])
def test_every_job_ends_with_its_result(workers: int) -> None:
    ended, told = outcomes(workers, [Square(number) for number in range(5)])
    assert sorted(str(one.result) for one in ended) == ["0", "1", "16", "4", "9"]
    assert sorted(told) == [0, 1, 2, 3, 4]
    assert all(isinstance(one.job, Square) and one.result == one.job.number**2 for one in ended)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_typed_error_keeps_its_advice(workers: int) -> None:
    ended, _ = outcomes(workers, [Square(1, "typed"), Square(2)])
    assert isinstance(ended[0].error, WeightsError)
    assert ended[0].error.advice == "advice"
    assert ended[1].result == 4


@pytest.mark.parametrize("workers", [0, 1])
def test_a_defect_becomes_a_typed_error_that_says_where(workers: int) -> None:
    ended, _ = outcomes(workers, [Square(1, "defect"), Square(2)])
    assert isinstance(ended[0].error, WorkerError)
    assert "ZeroDivisionError: oops (detectors.py:" in ended[0].error.message
    assert ended[1].result == 4


def test_a_killed_worker_is_laid_to_its_job_and_the_batch_goes_on() -> None:
    ended, _ = outcomes(1, [Square(1), Square(2, "killed"), Square(3)])
    assert [one.result for one in ended] == [1, None, 9]
    assert isinstance(ended[1].error, WorkerDied)
    assert "SIGKILL" in ended[1].error.message


@pytest.mark.parametrize("workers", [0, 1])
def test_without_a_detector_the_batch_stops(workers: int) -> None:
    with pytest.raises(PatrolError, match="no weights here"):
        outcomes(workers, [Square(1)], NoWeights())


def test_a_worker_that_has_grown_large_makes_way_for_a_new_one() -> None:
    ended, _ = outcomes(1, [Square(1, "names itself"), Square(2, "hoards"), Square(3, "names itself")])
    first, large, new = (one.result for one in ended)
    assert first == large != new
    assert all(one.error is None for one in ended)
