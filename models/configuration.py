"""Reading a configuration file (TOML) so that whatever is wrong with it is told in one way."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import BadUse


@dataclass(frozen=True, slots=True)
class Configuration:
    """The tables of a file, and the hex SHA-256 of its bytes."""

    tables: dict[str, Any]
    sha256: str


@contextmanager
def configuration(path: Path, *, advice: str) -> Iterator[Configuration]:
    """The content of a TOML file, to be made sense of inside the `with` block.

    Args:
        advice: what such a file holds; told where the block raises KeyError, TypeError or ValueError.

    Raises:
        BadUse: no such file, not TOML, or the block could make no sense of it.
    """
    try:
        content = path.read_bytes()
        yield Configuration(tomllib.loads(content.decode("utf-8")), hashlib.sha256(content).hexdigest())
    except OSError as error:
        raise BadUse(f"cannot read the configuration {path}: {error.strerror}") from error
    except KeyError as error:
        raise BadUse(f"{path}: {error} is missing or not known", advice=advice) from error
    except (ValueError, TypeError) as error:
        raise BadUse(f"{path}: {error}", advice=advice) from error
