"""Files of which a part can be asked for."""

from __future__ import annotations

from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException
from starlette.responses import MalformedRangeHeader, RangeNotSatisfiable


class RangedFile(FileResponse):
    """As RFC 9110, 14.2 has it: a Range that makes no sense is ignored, and one beyond the end refused with 416.

    Starlette refuses both, in plain text.
    """

    @classmethod
    def _parse_range_header(cls, http_range: str, file_size: int) -> list[tuple[int, int]]:
        try:
            return super()._parse_range_header(http_range, file_size)
        except MalformedRangeHeader:
            return []
        except RangeNotSatisfiable as error:
            told = {"Content-Range": f"bytes */{error.max_size}"}
            raise HTTPException(416, f"the file has {error.max_size} bytes", told) from error
