"""A reflection: anything a person or a circle offers back, with the consent it was given under."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from node.domain.event import Visibility
from node.domain.picture import Image, read_image
from node.domain.text import Localised, clean, cleaned, localised


class SpiralStage(StrEnum):
    """The four stages of the Spiral, in their order."""

    GRATITUDE = "gratitude"
    HONORING_PAIN = "honoring_pain"
    NEW_ANCIENT_EYES = "new_ancient_eyes"
    GOING_FORTH = "going_forth"


class ReflectionStatus(StrEnum):
    """Where a reflection stands on its way."""

    DRAFT = "draft"
    PENDING_REVIEW = "pending_review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class AttributionMode(StrEnum):
    """How its author wishes to be named."""

    ANONYMOUS = "anonymous"
    INITIALS = "initials"
    FIRST_NAME = "first_name"
    PSEUDONYM = "pseudonym"
    NAMED = "named"
    GROUP = "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Who agreed to what, and when."""

    publish: bool
    federate: bool
    given_by: str
    given_on: str | None
    reuse: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """A picture or a recording, with the words that stand for it."""

    kind: str
    url: str | None
    media_type: str | None
    alt: str
    transcript: str | None
    width: int | None
    height: int | None
    image: Image | None  # where it is a picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Reflection:
    """A published, waiting or withdrawn reflection; a withdrawn one keeps nothing but its slug."""

    slug: str
    kind: str
    spiral_stage: SpiralStage | None
    status: ReflectionStatus
    visibility: Visibility
    federate: bool
    title: Localised | None
    body: Localised
    attribution: AttributionMode
    author: str | None
    consent: Consent
    published: datetime | None
    content_notes: tuple[str, ...]
    media: tuple[Medium, ...]
    event: str | None
    license: str | None
    witness_count_public: bool | None
    search_engines: bool | None

    @property
    def language(self) -> str:
        """The language it was written in."""
        return self.body.language

    @property
    def shown(self) -> bool:
        """Whether it is published at all (to whoever its visibility admits)."""
        return self.status is ReflectionStatus.PUBLISHED and self.consent.publish

    @property
    def listed(self) -> bool:
        """Whether it may stand in lists, feeds and collections that everyone sees."""
        return self.shown and self.visibility is Visibility.PUBLIC

    @property
    def indexed(self) -> bool:
        """Whether search engines may list it: as its author says, else all but grief."""
        if self.search_engines is None:
            return self.listed and self.spiral_stage is not SpiralStage.HONORING_PAIN
        return self.listed and self.search_engines

    @property
    def federated(self) -> bool:
        """Whether it is sent to other servers at all."""
        admits = self.visibility in (Visibility.PUBLIC, Visibility.FOLLOWERS_AND_LINK)
        return self.shown and self.federate and self.consent.federate and admits

    @classmethod
    def from_document(cls, document: Mapping[str, Any], group_language: str) -> "Reflection":
        """From a checked reflection of the exchange format."""
        main = document.get("language") or group_language
        translations = document.get("translations") or {}
        attribution = document.get("attribution") or {}
        mode = AttributionMode(attribution.get("mode") or "anonymous")
        display = attribution.get("display")
        return cls(
            slug=document["id"],
            kind=document.get("kind") or "testimony",
            spiral_stage=SpiralStage(document["spiral_stage"])
            if document.get("spiral_stage")
            else None,
            status=ReflectionStatus(document.get("status") or "published"),
            visibility=Visibility(document.get("visibility") or "public"),
            federate=document.get("federate", True),
            title=_with_translations(document.get("title"), main, translations, "title"),
            body=_with_translations(document.get("body"), main, translations, "body")
            or Localised.of("", main),
            attribution=mode,
            author=clean(display) if display and mode is not AttributionMode.ANONYMOUS else None,
            consent=_consent(document.get("consent") or {}),
            published=datetime.fromisoformat(document["published"])
            if document.get("published")
            else None,
            content_notes=tuple(clean(note) for note in document.get("content_notes") or ()),
            media=tuple(_medium(raw) for raw in document.get("media") or ()),
            event=document.get("event"),
            license=cleaned(document.get("license")),
            witness_count_public=document.get("witness_count_public"),
            search_engines=document.get("search_engines"),
        )


def _with_translations(
    value: str | Mapping[str, str] | None,
    main: str,
    translations: Mapping[str, Mapping[str, str]],
    key: str,
) -> Localised | None:
    own = localised(value, main)
    if own is None:
        return None
    extra = {
        tag: clean(texts[key])
        for tag, texts in translations.items()
        if texts.get(key) and tag != main
    }
    return Localised(own.versions + tuple(extra.items()))


def _consent(raw: Mapping[str, Any]) -> Consent:
    return Consent(
        publish=raw.get("publish", True),
        federate=raw.get("federate", True),
        given_by=raw.get("by") or "author",
        given_on=raw.get("on"),
        reuse=raw.get("reuse"),
    )


def _medium(raw: Mapping[str, Any]) -> Medium:
    kind = raw.get("type") or "image"
    image = read_image(raw) if kind == "image" else None
    return Medium(
        kind=kind,
        url=image.url if image else raw.get("url"),
        media_type=image.media_type if image else raw.get("media_type"),
        alt=clean(raw.get("alt") or ""),
        transcript=cleaned(raw.get("transcript")),
        width=image.width if image else raw.get("width"),
        height=image.height if image else raw.get("height"),
        image=image,
    )
