"""A practice: an exercise described so that others can try it, with its source credited."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.domain.reflection import SpiralStage
from node.domain.text import Localised, clean, cleaned, localised


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """An exercise in the group's library."""

    slug: str
    title: Localised
    body: Localised
    spiral_stage: SpiralStage | None
    minutes: int | None
    group_size: str | None
    format: tuple[str, ...]
    materials: str | None
    source: str | None
    license: str | None
    audience: tuple[str, ...]

    @classmethod
    def from_document(cls, document: Mapping[str, Any], group_language: str) -> "Practice":
        """From a checked practice of the exchange format."""
        main = document.get("language") or group_language
        stage = document.get("spiral_stage")
        return cls(
            slug=document["id"],
            title=localised(document["title"], main) or Localised.of(document["id"], main),
            body=localised(document.get("body"), main) or Localised.of("", main),
            spiral_stage=SpiralStage(stage) if stage else None,
            minutes=document.get("minutes"),
            group_size=cleaned(document.get("group_size")),
            format=tuple(clean(word) for word in document.get("format") or ()),
            materials=cleaned(document.get("materials")),
            source=cleaned(document.get("source_attribution")),
            license=cleaned(document.get("license")),
            audience=tuple(clean(word) for word in document.get("audience") or ()),
        )
