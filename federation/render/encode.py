"""A document as the bytes that go over the wire."""

import json
from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]


def encode(document: Mapping[str, Any]) -> bytes:
    """Compact UTF-8 JSON. The order of keys is kept: language maps have the main language first."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "replace")
