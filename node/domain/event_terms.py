"""The fixed words of an event, as the exchange format writes them."""

from enum import StrEnum


class EventKind(StrEnum):
    """What sort of gathering it is, in the group's words."""

    PRACTICE_CIRCLE = "practice_circle"
    WORKSHOP = "workshop"
    RETREAT = "retreat"
    COURSE = "course"
    STUDY_GROUP = "study_group"
    WEBINAR = "webinar"
    CONVERSATION_CAFE = "conversation_cafe"
    GRIEF_CIRCLE = "grief_circle"
    CEREMONY = "ceremony"
    FACILITATOR_TRAINING = "facilitator_training"
    PEER_SUPPORT = "peer_support"
    WALK_OUTDOORS = "walk_outdoors"
    ARTS_GATHERING = "arts_gathering"
    ACTION_GATHERING = "action_gathering"
    REGIONAL_GATHERING = "regional_gathering"
    GLOBAL_GATHERING = "global_gathering"
    PLANNING_MEETING = "planning_meeting"
    OTHER = "other"


class EventStatus(StrEnum):
    """FEP-8a8e `eventStatus`, one to one."""

    SCHEDULED = "scheduled"
    TENTATIVE = "tentative"
    POSTPONED = "postponed"
    RESCHEDULED = "rescheduled"
    MOVED_ONLINE = "moved_online"
    CANCELLED = "cancelled"


class EventFormat(StrEnum):
    """Where people meet."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    HYBRID = "hybrid"


class Visibility(StrEnum):
    """Who may find it: everyone; followers and whoever has the link; the link only; nobody outside."""

    PUBLIC = "public"
    FOLLOWERS_AND_LINK = "followers_and_link"
    LINK_ONLY = "link_only"
    LOCAL_ONLY = "local_only"


class PlaceVisibility(StrEnum):
    """How much of the place is told to everyone."""

    PUBLIC = "public"
    AREA_ONLY = "area_only"
    ON_REGISTRATION = "on_registration"


class RegistrationMode(StrEnum):
    """How one says “I am coming”."""

    NONE = "none"
    OPEN = "open"
    APPROVAL = "approval"
    INVITE = "invite"
    EXTERNAL = "external"
    PHONE = "phone"


class PriceModel(StrEnum):
    """How giving works; a statement of values before it is a number."""

    FREE = "free"
    GIFT = "gift"
    DANA = "dana"
    SUGGESTED_DONATION = "suggested_donation"
    SLIDING_SCALE = "sliding_scale"
    TIERED_SOLIDARITY = "tiered_solidarity"
    COST_PLUS_GIFT = "cost_plus_gift"
    FIXED = "fixed"


# The categories that FEP-8a8e recommends to know.
CATEGORIES = frozenset(
    {
        "ARTS",
        "AUTO_BOAT_AIR",
        "BOOK_CLUBS",
        "BUSINESS",
        "CAUSES",
        "CLIMATE_ENVIRONMENT",
        "COMMUNITY",
        "COMEDY",
        "CRAFTS",
        "CREATIVE_JAM",
        "DIY_MAKER_SPACES",
        "FAMILY_EDUCATION",
        "FASHION_BEAUTY",
        "FESTIVALS",
        "FILM_MEDIA",
        "FOOD_DRINK",
        "GAMES",
        "INCLUSIVE_SPACES",
        "LANGUAGE_CULTURE",
        "LEARNING",
        "LGBTQ",
        "MEETING",
        "MEDITATION_WELLBEING",
        "MOVEMENTS_POLITICS",
        "MUSIC",
        "NETWORKING",
        "OUTDOORS_ADVENTURE",
        "PARTY",
        "PERFORMING_VISUAL_ARTS",
        "PETS",
        "PHOTOGRAPHY",
        "SCIENCE_TECH",
        "SPIRITUALITY_RELIGION_BELIEFS",
        "SPORTS",
        "THEATRE",
        "WORKSHOPS_SKILL_SHARING",
    }
)
