"""What can be wrong with a video or its position log."""

from __future__ import annotations

from models.errors import PatrolError


class VideoError(PatrolError):
    """A file that should be a video cannot be used, or only in part."""

    code = "video"


class EmptyFile(VideoError):
    code = "video-empty"


class NotAVideo(VideoError):
    code = "not-a-video"


class NoVideoStream(VideoError):
    """For example audio only."""

    code = "no-video-stream"


class EncryptedVideo(VideoError):
    code = "video-encrypted"


class UnsupportedCodec(VideoError):
    code = "video-codec"


class DamagedVideo(VideoError):
    """Decoding failed part way. What was decoded before the damage is kept.

    Attributes:
        decoded_until: seconds (container PTS) up to which frames were decoded; None when there was none.
    """

    code = "video-damaged"

    def __init__(self, message: str, *, advice: str = "", decoded_until: float | None = None) -> None:
        super().__init__(message, advice=advice)
        self.decoded_until = decoded_until


class GpsError(PatrolError):
    """A position log cannot be used."""

    code = "gps"


class LogError(PatrolError):
    """An observation log is missing, broken or of another schema version."""

    code = "observation-log"
