from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from vision.footage.picture import Converter

SIZES = ((64, 64), (32, 32), (128, 128))


@pytest.mark.parametrize("matrix", [Colorspace.ITU709, Colorspace.ITU601])
@pytest.mark.parametrize("levels", [ColorRange.MPEG, ColorRange.JPEG])
def test_colours_are_the_same_at_any_size_whatever_matrix_and_range_a_camera_writes(
    matrix: Colorspace, levels: ColorRange
) -> None:
    planes = np.full((96, 64), 120, np.uint8)
    planes[64:80], planes[80:] = 90, 200
    picture = av.VideoFrame.from_ndarray(planes, format="yuv420p")
    picture.colorspace, picture.color_range, picture.time_base = matrix, levels, Fraction(1, 30)
    converter = Converter()
    native, half, double = (converter.convert(picture, (0, 0, 64, 64), size, "rgb24") for size in SIZES)
    assert half.shape == (32, 32, 3)
    assert native[5, 5, 0] > native[5, 5, 1] + 120
    for scaled in (half, double):
        np.testing.assert_allclose(scaled[5, 5].astype(int), native[5, 5], atol=4)
