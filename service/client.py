"""Hands judgements and their evidence to a running service over HTTP."""

from __future__ import annotations

import os
from typing import Final

import httpx
from pydantic import ValidationError

from pipelines.errors import EvidenceError, RefusedError, SinkError
from pipelines.evidence.store import EvidenceStore
from pipelines.incident import EvidenceItem, Judgement
from service.wire import from_judgement

# Replies about what was sent, not about the server or the key: sending it again brings the same.
REFUSALS: Final = frozenset({400, 409, 413, 415, 422})
TIMEOUT: Final = httpx.Timeout(30.0, connect=5.0, write=120.0)


class HttpSink:
    """`send` is what `pipelines.batch.spool.Spool` needs. Sending twice changes nothing."""

    def __init__(self, server: str, evidence: EvidenceStore, *, key: str | None = None) -> None:
        """`server`: its URL. `key`: an API key (`patrol keys add`)."""
        self._server, self._evidence = server.rstrip("/"), evidence
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        try:
            self._http = httpx.Client(base_url=self._server, headers=headers, timeout=TIMEOUT)
        except (httpx.InvalidURL, UnicodeEncodeError) as error:
            raise SinkError(
                f"cannot reach {server}: {error}", advice="give an address such as http://host:8000"
            ) from error

    def send(self, judgement: Judgement) -> None:
        """Uploads what evidence the server lacks, then the judgement.

        Raises `SinkError` if it was not taken over, `RefusedError` if the fault is the judgement's own.
        """
        for item in {item.sha256: item for incident in judgement.incidents for item in incident.evidence}.values():
            self._upload(item)
        try:
            body = from_judgement(judgement).model_dump_json(by_alias=True)
        except ValidationError as error:
            raise RefusedError(f"the judgement of {judgement.drive} is not fit to be sent: {error}") from error
        self._ask("POST", "/v1/incidents", content=body.encode(), headers={"Content-Type": "application/json"})

    def close(self) -> None:
        self._http.close()

    def _upload(self, item: EvidenceItem) -> None:
        path = f"/v1/evidence/{item.sha256}"
        if self._ask("HEAD", path, accept=404).status_code != 404:
            return
        try:
            with self._evidence.path(item.sha256).open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                headers = {"Content-Type": item.media_type, "Content-Length": str(size)}
                self._ask("PUT", path, content=iter(lambda: file.read(1 << 20), b""), headers=headers)
        except (EvidenceError, OSError) as error:
            raise RefusedError(
                f"evidence {item.name} cannot be read: {error}", advice="scan its video again"
            ) from error

    def _ask(self, method: str, path: str, *, accept: int = 200, **content: object) -> httpx.Response:
        try:
            reply = self._http.request(method, path, **content)  # type: ignore[arg-type]
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SinkError(
                f"{self._server} does not answer: {error}", advice="it is kept; scan again later"
            ) from error
        if reply.is_success or reply.status_code == accept:
            return reply
        kind = RefusedError if reply.status_code in REFUSALS else SinkError
        raise kind(f"{self._server}{path}: {_said(reply)}", advice=_advice(reply.status_code))


def _said(reply: httpx.Response) -> str:
    try:
        problem = reply.json()
        return f"{reply.status_code} {problem.get('detail') or problem.get('title')}"
    except (ValueError, AttributeError):
        return f"{reply.status_code} {reply.reason_phrase}"


def _advice(status: int) -> str:
    if status in (401, 403):
        return "give a valid API key: patrol keys add NAME on the server"
    if status in REFUSALS:
        return "it is kept and holds up its camera: update the older of the two, or scan its videos again"
    return "it is kept; scan again when the server is well"
