from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from models.data import weather
from vision.motion.egomotion import StepMotion
from vision.motion.scene import Gray
from vision.quality.meter import PictureQuality, QualityMeter

WIDTH, HEIGHT = 640, 360
DRIVING = StepMotion(0.0, 1.0, 0.0, np.zeros(0, np.float32), np.zeros(0, np.float32), False, np.zeros(2))
STANDING = replace(DRIVING, still=True)
CUT = replace(DRIVING, cut=True, told=False)


def street(seed: int = 1) -> Gray:
    """Edges of all sizes, as fronts of houses, trees and cars have."""
    rng = np.random.default_rng(seed)
    picture = np.full((HEIGHT, WIDTH), 110, np.uint8)
    for size in np.geomspace(160, 4, 400):
        x, y = rng.uniform(-20, WIDTH), rng.uniform(-20, HEIGHT)
        corner, end = (int(x), int(y)), (int(x + size), int(y + size * rng.uniform(0.4, 1.5)))
        cv2.rectangle(picture, corner, end, int(rng.uniform(20, 235)), -1)
    return picture


def measured(picture: Gray) -> PictureQuality:
    found = QualityMeter().see(np.asarray(picture, np.uint8), 0.0, None)
    assert found is not None
    return found


def coloured(change: Callable[..., np.ndarray], seed: int = 3) -> Gray:
    """The street in grey, after a change for colour pictures."""
    colour = cv2.cvtColor(street(), cv2.COLOR_GRAY2BGR)
    return np.asarray(cv2.cvtColor(change(colour, np.random.default_rng(seed)), cv2.COLOR_BGR2GRAY), np.uint8)


def drive(seconds: int, motion: StepMotion, dirt: Callable[[Gray], Gray] = lambda picture: picture) -> float:
    """What is told to be stuck at the end of a drive along ever new streets."""
    meter = QualityMeter()
    found = [meter.see(dirt(street(seed)), float(seed), motion) for seed in range(seconds)]
    assert found[-1] is not None
    return found[-1].stuck


def muddy(columns: slice) -> Callable[[Gray], Gray]:
    def smeared(picture: Gray) -> Gray:
        picture = picture.copy()
        picture[:, columns] = 70
        return picture

    return smeared


def test_brightness_and_contrast_are_those_of_the_histogram() -> None:
    found = measured(street())
    assert found.brightness == pytest.approx(street().mean() / 255, abs=0.01)
    low, high = np.percentile(street(), [5, 95])
    assert found.contrast == pytest.approx((high - low) / 255, abs=0.02)
    assert (found.dark, found.bright) == (0.0, 0.0)


def test_clipped_pixels_are_counted_at_both_ends() -> None:
    picture = street()
    picture[:90] = 255
    picture[90:126] = 0
    found = measured(picture)
    assert found.bright == pytest.approx(0.25, abs=0.01)
    assert found.dark == pytest.approx(0.1, abs=0.01)


def test_blur_grows_with_blur_of_either_kind() -> None:
    out_of_focus = [measured(street()).blur] + [
        measured(cv2.GaussianBlur(street(), (0, 0), sigma)).blur for sigma in (1.0, 2.0, 4.0)
    ]
    assert out_of_focus == sorted(out_of_focus)
    assert out_of_focus[-1] > out_of_focus[0] + 0.4
    shaken = [measured(cv2.blur(street(), (length, 1))).blur for length in (1, 5, 11, 21)]
    assert shaken == sorted(shaken)
    assert shaken[-1] > shaken[0] + 0.3


def test_blur_does_not_go_with_light_or_contrast() -> None:
    sharp = measured(street()).blur
    assert measured((street() * 0.4).astype(np.uint8)).blur == pytest.approx(sharp, abs=0.05)
    assert measured((street() * 0.5 + 100).astype(np.uint8)).blur == pytest.approx(sharp, abs=0.05)


def test_weather_shows_in_the_measures_it_should() -> None:
    clear = measured(street())
    night = measured(coloured(lambda picture, random: weather.night(picture, np.zeros((0, 4), np.float32), random)))
    assert night.brightness < 0.6 * clear.brightness
    haze = measured(coloured(weather.haze))
    assert haze.contrast < 0.8 * clear.contrast
    assert measured(coloured(weather.defocus)).blur > clear.blur
    assert measured(coloured(weather.motion)).blur > clear.blur


def test_lamps_in_the_dark_are_night_and_a_sunny_street_with_deep_shade_is_not() -> None:
    dark = (street() * 0.15).astype(np.uint8)
    assert not measured(dark).night
    for x in range(20, WIDTH, 60):
        cv2.circle(dark, (x, 100), 9, 250, -1)
    assert measured(dark).night
    shade = (street() * 0.2).astype(np.uint8)
    shade[:90] = street()[:90] // 2 + 128
    assert not measured(shade).night


def test_a_covered_lens_shows_no_texture() -> None:
    noise = np.random.default_rng(0).normal(30, 0.8, (HEIGHT, WIDTH))
    assert measured(cv2.blur(noise, (5, 5)).astype(np.uint8)).blank == 1.0
    assert measured(street()).blank < 0.1


def test_what_sticks_to_the_glass_does_not_change_while_the_street_passes_by() -> None:
    assert drive(12, DRIVING) == 0.0
    assert drive(12, DRIVING, muddy(slice(0, 160))) == pytest.approx(0.25, abs=0.03)


def test_nothing_is_said_to_stick_before_the_street_has_passed_by() -> None:
    assert np.isnan(drive(5, DRIVING, muddy(slice(0, 160))))
    assert np.isnan(drive(12, STANDING, muddy(slice(0, 160))))
    assert np.isnan(drive(12, CUT, muddy(slice(0, 160))))


def test_one_picture_a_second_is_measured() -> None:
    meter = QualityMeter()
    times = np.arange(0, 5, 1 / 6)
    seen = [meter.see(street(), float(time_s), DRIVING) for time_s in times]
    assert [each.time_s for each in seen if each is not None] == pytest.approx([0, 1, 2, 3, 4])
    assert meter.see(street(2), 4.2, DRIVING) is None
    assert meter.see(street(2), 4.3, CUT) is not None


def test_any_size_of_picture_is_measured() -> None:
    for size in ((270, 480), (480, 320), (64, 36)):
        found = QualityMeter().see(cv2.resize(street(), size), 0.0, None)
        assert found is not None
        assert 0 < found.blur < 1
