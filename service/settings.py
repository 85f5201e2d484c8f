"""What the service is told: options, else the environment (PATROL_...), else defaults. Read once, at the edge."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Attributes:
    home: the product's folder; holds patrol.db, evidence/, logs/ and spool/.
    database: SQLAlchemy URL; None: SQLite in `home`.
    require_key: ask for an API key on loopback too, e.g. behind a reverse proxy.
    max_body_bytes: of a JSON request. max_evidence_bytes: of one uploaded evidence file.
    """

    model_config = SettingsConfigDict(env_prefix="PATROL_", frozen=True)

    home: Path = Field(default_factory=lambda: user_data_path("street-patrol"))
    database: str | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    require_key: bool = False
    max_body_bytes: int = 32 * 1024 * 1024
    max_evidence_bytes: int = 256 * 1024 * 1024

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.home / 'patrol.db'}"

    @property
    def evidence_folder(self) -> Path:
        return self.home / "evidence"

    @property
    def asks_for_key(self) -> bool:
        return self.require_key or not is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether an address, or the name it goes by, can only be reached from this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
