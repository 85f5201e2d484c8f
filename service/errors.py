"""What can go wrong between an incident and those who ask for it."""

from __future__ import annotations

from models.errors import BadUse, PatrolError


class DatabaseError(PatrolError):
    """The database does not do what is needed."""

    code = "database"
    http_status = 503


class DatabaseUnreadable(DatabaseError):
    """No such server, no right to open it, or not a database."""

    code = "database-unreadable"


class DatabaseLocked(DatabaseError):
    """Another process has held the database for longer than we wait."""

    code = "database-locked"


class NewerSchema(DatabaseError):
    """A newer Street Patrol wrote this database."""

    code = "database-newer"


class NotFound(PatrolError):
    code = "not-found"
    http_status = 404


class Conflict(PatrolError):
    """The request is well formed, but what it is about does not allow it."""

    code = "conflict"
    http_status = 409


class BadQuery(BadUse):
    """A parameter of a query has no meaning."""

    code = "bad-query"
    http_status = 422


class Unauthorized(PatrolError):
    code = "unauthorized"
    http_status = 401


class Forbidden(PatrolError):
    code = "forbidden"
    http_status = 403


class TooLarge(PatrolError):
    code = "too-large"
    http_status = 413


class PlacesError(BadUse):
    """A places file is not a GeoJSON collection of polygons."""

    code = "places-file"


class CannotListen(BadUse):
    """Nothing can be served at this host and port."""

    code = "cannot-listen"


class KeyRequired(BadUse):
    """The service would be reachable from other machines without an API key."""

    code = "key-required"
