"""What can go wrong between an observation log and an incident."""

from __future__ import annotations

from models.errors import BadUse, PatrolError


class SiteError(BadUse):
    """A site file is not what docs/site-files.md describes."""

    code = "site-file"


class RegionError(BadUse):
    """A region file is not what docs/site-files.md describes."""

    code = "region-file"


class TruthError(BadUse):
    """Labels of real footage are missing or are not what docs/evaluation.md describes."""

    code = "truth"


class EvidenceError(PatrolError):
    """Evidence media could not be written."""

    code = "evidence"


class SinkError(PatrolError):
    """Incidents could not be handed over; they stay in the spool."""

    code = "sink"


class RefusedError(SinkError):
    """The server will not have this judgement, however often it is sent; others it may."""
