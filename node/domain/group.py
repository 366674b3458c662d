"""The group: people who practise together; one node hosts one group."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from node.domain.picture import Image, read_image
from node.domain.text import Localised, cleaned, localised


class Quotes(StrEnum):
    """Whether others may quote what the group says (FEP-044f)."""

    EVERYONE = "everyone"
    ASK = "ask"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group as it describes itself.

    `handle` is the name in `@handle@host`, permanent; `slug` is the group's short name in exchange
    documents. `practice_name` is what the Work is called locally. Where it `approves_followers`, each is
    let in by a steward. `ask_by_message`: whoever answers its posts from another server is asked privately
    whether they come. `accent` is the colour of its pages, `#RRGGBB`; None: the green they come in.
    `stands_publicly`: it says which groups it stands with; None: nobody has decided, so it does not.
    One that is not `discoverable` asks others not to name it to strangers.
    """

    handle: str
    slug: str
    name: Localised
    about: Localised | None
    practice_name: Localised | None
    region: Localised | None
    bioregion: Localised | None
    country: str | None
    languages: tuple[str, ...]
    timezone: str
    latitude: float | None
    longitude: float | None
    agreements: Localised | None
    contact: str | None
    approves_followers: bool
    quotes: Quotes
    witness_count_public: bool
    ask_by_message: bool
    accent: str | None
    stands_publicly: bool | None
    discoverable: bool
    image: Image | None

    @property
    def language(self) -> str:
        """The first language of the group: default for texts, pages and what is federated."""
        return self.languages[0]

    @classmethod
    def from_document(cls, handle: str, document: Mapping[str, Any]) -> "Group":
        """From a checked group of the exchange format."""
        languages = tuple(document.get("languages") or ("en",))
        main = languages[0]
        return cls(
            handle=handle,
            slug=document.get("slug") or handle,
            name=localised(document["name"], main) or Localised.of(handle, main),
            about=localised(document.get("about"), main),
            practice_name=localised(document.get("practice_name"), main),
            region=localised(document.get("region"), main),
            bioregion=localised(document.get("bioregion"), main),
            country=document.get("country"),
            languages=languages,
            timezone=document.get("timezone") or "UTC",
            latitude=document.get("lat"),
            longitude=document.get("lon"),
            agreements=localised(document.get("agreements"), main),
            contact=cleaned(document.get("contact")),
            approves_followers=bool(document.get("approves_followers", False)),
            quotes=Quotes(document.get("quotes") or "everyone"),
            witness_count_public=bool(document.get("witness_count_public", False)),
            ask_by_message=document.get("ask_by_message") is not False,
            accent=cleaned(document.get("accent")),
            stands_publicly=document.get("stands_publicly"),
            discoverable=document.get("discoverable") is not False,
            image=read_image(document.get("image")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where a group lives besides here: ids of its other actors, the one it moved to, when it left for good."""

    also_known_as: tuple[str, ...] = ()
    moved_to: str | None = None
    moved: datetime | None = None
    retired: datetime | None = None


HERE = Whereabouts()
