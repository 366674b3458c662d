"""Names and media types of ActivityStreams and its extensions: what we write, and nothing else.

Contexts are spelled out in each document; linked are only those that readers who expand JSON-LD have
built in: the two of every actor, and those of proofs and their keys (FEP-8b32, FEP-521a).
"""

from typing import Any, Final

AS2: Final = "https://www.w3.org/ns/activitystreams"
SECURITY: Final = "https://w3id.org/security/v1"
MULTIKEY: Final = "https://w3id.org/security/multikey/v1"
DATA_INTEGRITY: Final = "https://w3id.org/security/data-integrity/v2"
PUBLIC: Final = "https://www.w3.org/ns/activitystreams#Public"

ACTIVITY_JSON: Final = "application/activity+json"
LD_JSON: Final = f'application/ld+json; profile="{AS2}"'
JRD_JSON: Final = "application/jrd+json"
XRD_XML: Final = "application/xrd+xml; charset=utf-8"
JSON: Final = "application/json; charset=utf-8"

# Link relations of WebFinger and NodeInfo.
REL_SELF: Final = "self"
REL_PROFILE: Final = "http://webfinger.net/rel/profile-page"
REL_SERVICE: Final = f"{AS2}#Service"  # FEP-d556
REL_APPLICATION: Final = f"{AS2}#Application"  # FEP-2677
REL_NODEINFO: Final = "http://nodeinfo.diaspora.software/ns/schema/"  # + "2.0", "2.1"
REL_INTENT: Final = "https://w3id.org/fep/3b86/"  # + "Follow", "Join" …
REL_SUBSCRIBE: Final = "http://ostatus.org/schema/1.0/subscribe"

RFC9421: Final = "https://datatracker.ietf.org/doc/html/rfc9421"

# Misskey refuses inbox bodies over 64 KiB (interoperability of servers with one another, not a rule).
LARGEST_BODY: Final = 60 * 1024

Context = list[str | dict[str, Any]]

_TOOT: Final = "http://joinmastodon.org/ns#"
_SCHEMA: Final = "https://schema.org/"
_FEP_8A8E: Final = "https://w3id.org/fep/8a8e/"
_MOBILIZON: Final = "https://joinmobilizon.org/ns#"
_GOTOSOCIAL: Final = "https://gotosocial.org/ns#"
_DATE_TIME: Final = "http://www.w3.org/2001/XMLSchema#dateTime"

# Terms of series (docs/proposals/series.md). Nobody's domain is in them: we own none that will last as
# long as the posts that use them, and a UUID needs no owner. Readers go by the short names.
_SERIES: Final = "urn:uuid:82b7f79c-a23f-4897-9bdd-fe2b91dd2924#"
# What gatherings are chosen by (docs/proposals/facts.md), named likewise.
_FACTS: Final = "urn:uuid:f33268f9-4c03-4eeb-9c49-6b85cd807544#"

# The term of docs/proposals/standing.md, made in the same way.
_STANDING: Final = "urn:uuid:fb900e2e-fdff-49a0-8f46-311b87d09b38#"

_POST_TERMS: Final[dict[str, Any]] = {
    "Hashtag": "as:Hashtag",
    "sensitive": "as:sensitive",
    "focalPoint": {"@id": f"{_TOOT}focalPoint", "@container": "@list"},
    "inLanguage": f"{_SCHEMA}inLanguage",
    "interactionPolicy": {"@id": f"{_GOTOSOCIAL}interactionPolicy", "@type": "@id"},
    "canLike": {"@id": f"{_GOTOSOCIAL}canLike", "@type": "@id"},
    "canReply": {"@id": f"{_GOTOSOCIAL}canReply", "@type": "@id"},
    "canAnnounce": {"@id": f"{_GOTOSOCIAL}canAnnounce", "@type": "@id"},
    "canQuote": {"@id": f"{_GOTOSOCIAL}canQuote", "@type": "@id"},
    "automaticApproval": {"@id": f"{_GOTOSOCIAL}automaticApproval", "@type": "@id"},
    "manualApproval": {"@id": f"{_GOTOSOCIAL}manualApproval", "@type": "@id"},
    "always": {"@id": f"{_GOTOSOCIAL}always", "@type": "@id"},
    "approvalRequired": {"@id": f"{_GOTOSOCIAL}approvalRequired", "@type": "@id"},
}

_FEP_044F: Final = "https://w3id.org/fep/044f#"
_LEAVE: Final = ("Like", "Reply", "Announce")

NOTE_CONTEXT: Final[Context] = [AS2, _POST_TERMS]
PRACTICE_CONTEXT: Final[Context] = [AS2, {"inLanguage": f"{_SCHEMA}inLanguage"}]

# Asking for leave to quote, answer, like or pass on, and what one gets.
REQUEST_CONTEXT: Final[Context] = [
    AS2,
    {"QuoteRequest": f"{_FEP_044F}QuoteRequest"}
    | {f"{name}Request": f"{_GOTOSOCIAL}{name}Request" for name in _LEAVE},
]
STAMP_CONTEXT: Final[Context] = [
    AS2,
    {
        "QuoteAuthorization": f"{_FEP_044F}QuoteAuthorization",
        "interactingObject": {"@id": f"{_GOTOSOCIAL}interactingObject", "@type": "@id"},
        "interactionTarget": {"@id": f"{_GOTOSOCIAL}interactionTarget", "@type": "@id"},
    }
    | {f"{name}Authorization": f"{_GOTOSOCIAL}{name}Authorization" for name in _LEAVE},
]

_EVENT_STATUSES: Final = (
    "EventScheduled",
    "EventTentative",
    "EventPostponed",
    "EventRescheduled",
    "EventMovedOnline",
    "EventCancelled",
)

QUESTION_CONTEXT: Final[Context] = [AS2, _POST_TERMS | {"votersCount": f"{_TOOT}votersCount"}]

# FEP-8a8e, Mobilizon and iCalendar name the same things; each term is given its FEP meaning.
EVENT_CONTEXT: Final[Context] = [
    AS2,
    _POST_TERMS
    | {
        "timezone": f"{_FEP_8A8E}timezone",
        "displayEndTime": f"{_FEP_8A8E}displayEndTime",
        "previousStartTime": {"@id": f"{_FEP_8A8E}previousStartTime", "@type": _DATE_TIME},
        "eventStatus": {"@id": f"{_FEP_8A8E}eventStatus", "@type": "@vocab"},
        "joinMode": f"{_FEP_8A8E}joinMode",
        "externalParticipationUrl": {
            "@id": f"{_FEP_8A8E}externalParticipationUrl",
            "@type": "@id",
        },
        "organizers": {"@id": f"{_FEP_8A8E}organizers", "@type": "@id"},
        "category": f"{_FEP_8A8E}category",
        "attendees": {"@id": f"{_FEP_8A8E}attendees", "@type": "@id"},
        "requiredJoinVisibility": {
            "@id": f"{_FEP_8A8E}requiredJoinVisibility",
            "@type": "@id",
        },
        "isBannerImage": f"{_FEP_8A8E}isBannerImage",
        "participantCount": f"{_MOBILIZON}participantCount",
        "remainingAttendeeCapacity": f"{_SCHEMA}remainingAttendeeCapacity",
        "series": {"@id": f"{_SCHEMA}superEvent", "@type": "@id"},
        "originalStartTime": {"@id": f"{_SERIES}originalStartTime", "@type": _DATE_TIME},
        "previousSession": {"@id": f"{_SERIES}previousSession", "@type": "@id"},
        "nextSession": {"@id": f"{_SERIES}nextSession", "@type": "@id"},
        "siblings": {"@id": f"{_SERIES}siblings", "@type": "@id"},
        "gatheringKind": f"{_FACTS}gatheringKind",
        "spokenLanguages": f"{_FACTS}spokenLanguages",
        "accessFacts": f"{_FACTS}accessFacts",
        "isAccessibleForFree": f"{_SCHEMA}isAccessibleForFree",
        "status": "http://www.w3.org/2002/12/cal/ical#status",
        "isOnline": f"{_MOBILIZON}isOnline",
        "repliesModerationOption": f"{_MOBILIZON}repliesModerationOption",
        "maximumAttendeeCapacity": f"{_SCHEMA}maximumAttendeeCapacity",
        "VirtualLocation": f"{_SCHEMA}VirtualLocation",
        "address": {"@id": f"{_SCHEMA}address", "@type": "@id"},
        "PostalAddress": f"{_SCHEMA}PostalAddress",
        "streetAddress": f"{_SCHEMA}streetAddress",
        "addressLocality": f"{_SCHEMA}addressLocality",
        "addressRegion": f"{_SCHEMA}addressRegion",
        "addressCountry": f"{_SCHEMA}addressCountry",
    }
    | {status: f"{_FEP_8A8E}{status}" for status in _EVENT_STATUSES},
]

SERIES_CONTEXT: Final[Context] = [
    AS2,
    {
        "timezone": f"{_FEP_8A8E}timezone",
        "inLanguage": f"{_SCHEMA}inLanguage",
        "siblings": {"@id": f"{_SERIES}siblings", "@type": "@id"},
        "continues": {"@id": f"{_SERIES}continues", "@type": "@id"},
        "recurrenceRule": f"{_SERIES}recurrenceRule",
        "excludedTimes": f"{_SERIES}excludedTimes",
        "addedTimes": f"{_SERIES}addedTimes",
    },
]

ACTOR_CONTEXT: Final[Context] = [
    AS2,
    SECURITY,
    MULTIKEY,
    {
        "discoverable": f"{_TOOT}discoverable",
        "indexable": f"{_TOOT}indexable",
        "featured": {"@id": f"{_TOOT}featured", "@type": "@id"},
        "attributionDomains": {"@id": f"{_TOOT}attributionDomains", "@type": "@id"},
        "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
        "alsoKnownAs": {"@id": "as:alsoKnownAs", "@type": "@id"},
        "movedTo": {"@id": "as:movedTo", "@type": "@id"},
        "PropertyValue": "http://schema.org#PropertyValue",
        "value": "http://schema.org#value",
        "postingRestrictedToMods": "https://join-lemmy.org/ns#postingRestrictedToMods",
        "upcomingEvents": {"@id": f"{_FEP_8A8E}upcomingEvents", "@type": "@id"},
        "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger",
        "implements": {"@id": "https://w3id.org/fep/844e/implements", "@type": "@id"},
        # The linked contexts say what a Multikey is, but not this (FEP-521a); Fedify finds no key without it.
        "assertionMethod": {"@id": "https://w3id.org/security#assertionMethod", "@type": "@id"},
        "practices": {"@id": f"{_STANDING}practices", "@type": "@id"},
        "standsWith": {"@id": f"{_STANDING}standsWith", "@type": "@id"},
        "knowsLanguage": f"{_SCHEMA}knowsLanguage",
    },
]

# Whom a group stands with: entries say of each group what it says of itself.
STANDING_CONTEXT: Final[Context] = [AS2, {"knowsLanguage": f"{_SCHEMA}knowsLanguage"}]

# The upcoming-events collection holds whole events; the featured one only ids.
COLLECTION_CONTEXT: Final[Context] = EVENT_CONTEXT
