"""Which pictures and labels a training set holds, by content, so that a release can say what it learnt from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from models.file_hash import sha256_of

MANIFEST_NAME: Final = "manifest.json"


def write_manifest(folder: Path, rows: Sequence[tuple[str, str, str, str]]) -> str:
    """Write `manifest.json`: SHA-256 of every picture and label file, and one of the whole.

    Args:
        rows: picture name, source, licence and split of each picture in `folder`/images.

    Returns:
        The hash of the whole: the same for the same contents, names, licences and splits, whatever the order.
    """
    entries = [
        {
            "picture": name,
            "source": source,
            "licence": licence,
            "split": split,
            "sha256": sha256_of(folder / "images" / name),
            "labels_sha256": sha256_of(folder / "labels" / f"{Path(name).stem}.txt"),
        }
        for name, source, licence, split in sorted(rows)
    ]
    whole = hashlib.sha256(json.dumps(entries, sort_keys=True).encode()).hexdigest()
    (folder / MANIFEST_NAME).write_text(json.dumps({"sha256": whole, "pictures": entries}, indent=1) + "\n", "utf-8")
    return whole
