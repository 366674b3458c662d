"""The domain's codes in words: kinds, statuses, stages and so on, as messages to be translated.

Every table maps a code to an English message; `Words` (web/words.py) shows it in the reader's language.
"""

from node.domain.rsvp import Refusal


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for “collect this, translate it later”
    """`message` itself; marks it for the catalogues."""
    return message


# Why somebody cannot come.
REFUSALS = {
    Refusal.NO_REGISTRATION: N_("This gathering takes no registration here."),
    Refusal.NOT_INVITED: N_("This gathering is for those whom the hosts invited."),
    Refusal.CANCELLED: N_("This gathering is cancelled."),
    Refusal.OVER: N_("This gathering is over."),
    Refusal.TOO_LATE: N_("Registration is closed."),
    Refusal.FULL: N_("There are not enough places left."),
    Refusal.SERIES: N_("This is a series: choose one of its sessions."),
    Refusal.CIRCLE_CLOSED: N_("Registration is for the whole series, with its first session."),
}

DESK_ROLES = {
    "steward": N_("Steward: everything"),
    "organiser": N_("Organiser: gatherings and neighbours"),
    "care": N_("Care: concerns, replies, doors"),
}
EVENT_KINDS = {
    "practice_circle": N_("Practice circle"),
    "workshop": N_("Workshop"),
    "retreat": N_("Retreat"),
    "course": N_("Course"),
    "study_group": N_("Study group"),
    "webinar": N_("Webinar"),
    "conversation_cafe": N_("Conversation café"),
    "grief_circle": N_("Grief circle"),
    "ceremony": N_("Ceremony"),
    "facilitator_training": N_("Training for facilitators"),
    "peer_support": N_("Peer support"),
    "walk_outdoors": N_("Walk outdoors"),
    "arts_gathering": N_("Arts gathering"),
    "action_gathering": N_("Action"),
    "regional_gathering": N_("Regional gathering"),
    "global_gathering": N_("Global gathering"),
    "planning_meeting": N_("Planning meeting"),
    "other": N_("Gathering"),
}
STATUSES = {
    "scheduled": N_("Takes place"),
    "tentative": N_("To be confirmed"),
    "postponed": N_("Postponed"),
    "rescheduled": N_("New date"),
    "moved_online": N_("Moved online"),
    "cancelled": N_("Cancelled"),
}
FORMATS = {
    "in_person": N_("In person"),
    "online": N_("Online"),
    "hybrid": N_("In person and online"),
    "phone": N_("By telephone"),
}
VISIBILITIES = {
    "public": N_("Everyone"),
    "followers_and_link": N_("Followers, and whoever has the link"),
    "link_only": N_("Only whoever has the link"),
    "local_only": N_("Only stewards, here"),
}
PLACE_VISIBILITIES = {
    "public": N_("Everyone"),
    "area_only": N_("Everyone sees the area; people who register are told the place"),
    "on_registration": N_("Only people who register are told"),
}
REGISTRATION_MODES = {
    "none": N_("Just come"),
    "open": N_("Open: tell us that you are coming"),
    "approval": N_("The hosts confirm each request"),
    "invite": N_("By invitation"),
    "external": N_("Somewhere else"),
    "phone": N_("By telephone or on paper"),
}
CHANNELS = {
    "web": N_("on this site"),
    "email": N_("by e-mail"),
    "phone": N_("by telephone"),
    "fediverse": N_("from the fediverse"),
    "paper_form": N_("on paper"),
    "in_person": N_("in person"),
    "at_the_door": N_("at the door"),
}
PRICE_MODELS = {
    "free": N_("Free"),
    "gift": N_("Offered as a gift"),
    "dana": N_("Dana: given afterwards, from the heart"),
    "suggested_donation": N_("Suggested donation"),
    "sliding_scale": N_("Sliding scale: you choose"),
    "tiered_solidarity": N_("Solidarity price: you choose a step"),
    "cost_plus_gift": N_("Shared costs, and a gift"),
    "fixed": N_("Fixed price"),
}
STAGES = {
    "gratitude": N_("Coming from Gratitude"),
    "honoring_pain": N_("Honoring Our Pain for the World"),
    "new_ancient_eyes": N_("Seeing with New and Ancient Eyes"),
    "going_forth": N_("Going Forth"),
}
STAGE_NOTES = {
    "gratitude": N_("What holds us, and what we love."),
    "honoring_pain": N_("Grief, anger and fear are welcome here. Nothing has to be fixed."),
    "new_ancient_eyes": N_("Looking again, with the eyes of kin, ancestors and those to come."),
    "going_forth": N_("One next step, and somebody who asks after it."),
}
DIMENSIONS = {
    "holding_actions": N_("Holding actions"),
    "gaian_structures": N_("New structures and ways of living"),
    "shift_in_perception": N_("Shift in perception and values"),
}
REFLECTION_KINDS = {
    "gratitude": N_("Thanks"),
    "testimony": N_("Testimony"),
    "poem": N_("Poem"),
    "practice_note": N_("Note on a practice"),
    "harvest": N_("Harvest"),
    "letter": N_("Letter"),
    "song": N_("Song"),
    "image": N_("Picture"),
    "photo": N_("Photograph"),
    "audio": N_("Recording"),
    "review": N_("Review"),
    "news": N_("News"),
}
ATTRIBUTIONS = {
    "anonymous": N_("Anonymous: we do not keep the name either"),
    "initials": N_("Initials"),
    "first_name": N_("First name"),
    "pseudonym": N_("A chosen name"),
    "named": N_("Full name"),
    "group": N_("The group or circle"),
}
RECORDINGS = {
    "never": N_("Nothing is recorded."),
    "teaching_only": N_("Only the teaching is recorded, never the circle."),
    "with_everyones_consent": N_("Recorded only if everyone there agrees."),
}
ROLES = {
    "facilitator": N_("facilitator"),
    "co-facilitator": N_("co-facilitator"),
    "co_facilitator": N_("co-facilitator"),
    "host": N_("host"),
    "care_holder": N_("care-holder"),
    "organiser": N_("organiser"),
}
SCOPES = {
    "everyone": N_("Everyone is welcome"),
    "affinity": N_("A space for people who share something"),
    "members": N_("Members of the circle"),
}
QUOTES = {
    "everyone": N_("yes, whoever likes"),
    "ask": N_("a steward decides each time"),
    "nobody": N_("no"),
}
ANSWERS = {
    "going": N_("is coming"),
    "maybe": N_("may come"),
    "not_going": N_("is not coming"),
}
ANSWER_STATES = {
    "confirmed": N_("has a place"),
    "waiting": N_("on the waiting list"),
    "pending": N_("asks for a place"),
    "offered": N_("a place is kept for them"),
    "lapsed": N_("let an offered place go by"),
}
ANSWER_WAYS = {
    "activitypub": N_("from the fediverse"),
    "web": N_("on our page"),
    "email": N_("by e-mail"),
    "indieweb": N_("on their own website"),
    "phone": N_("by telephone"),
    "paper": N_("on paper"),
}
FOLLOW_STATES = {
    "pending": N_("asked, no answer yet"),
    "accepted": N_("followed"),
    "rejected": N_("they said no"),
}
ACCESS_VALUES = {
    "yes": N_("yes"),
    "partial": N_("partly"),
    "on_request": N_("on request"),
    "no": N_("no"),
    "unknown": N_("not known yet"),
    "none": N_("none"),
    "automatic": N_("automatic"),
    "welcome": N_("welcome"),
}

# Facts in the order people meet them; the same groups as in the exchange format's schema.
ACCESS_GROUPS: dict[str, dict[str, str]] = {
    N_("Arriving"): {
        "step_free_entrance": N_("Entrance without steps"),
        "step_free_route": N_("Route without steps"),
        "lift": N_("Lift"),
        "terrain": N_("Terrain"),
        "transit_stop": N_("Bus or train stop"),
        "transport": N_("Getting there"),
        "car_pool": N_("Shared rides"),
        "parking": N_("Parking"),
        "travel_help": N_("Help with the fare"),
    },
    N_("Inside"): {
        "accessible_toilet": N_("Accessible toilet"),
        "all_gender_toilet": N_("All-gender toilet"),
        "seating_choice": N_("Choice of seats"),
        "quiet_room": N_("Quiet room"),
        "rest_breaks": N_("Breaks to rest"),
        "feeding_space": N_("Space to feed a baby"),
        "sleeping": N_("Sleeping"),
        "assistance_animals": N_("Assistance animals"),
        "scent_free": N_("Free of scents"),
        "smoke_free": N_("Free of smoke"),
        "masks": N_("Masks"),
        "ventilation": N_("Fresh air"),
        "sensory_notes": N_("Sounds, light, touch"),
        "first_aid": N_("First aid"),
    },
    N_("Hearing and seeing"): {
        "live_captions": N_("Live captions"),
        "sign_language": N_("Sign language"),
        "interpretation_note": N_("Interpretation"),
        "hearing_loop": N_("Hearing loop"),
        "microphone": N_("Microphone"),
        "large_print": N_("Large print"),
        "materials_in_advance": N_("Materials in advance"),
        "plain_language": N_("Plain language"),
    },
    N_("Online"): {
        "camera_optional": N_("Camera can stay off"),
        "dial_in": N_("Dial in by telephone"),
        "low_bandwidth": N_("Works on a thin line"),
    },
    N_("Care"): {
        "childcare": N_("Childcare"),
        "children_welcome": N_("Children welcome"),
        "food": N_("Food"),
        "allergies": N_("Allergies"),
        "care_holder": N_("Somebody to turn to"),
    },
    N_("Off the grid"): {
        "phone_coverage": N_("Phone coverage"),
        "mains_power": N_("Mains power"),
        "drinking_water": N_("Drinking water"),
        "fire": N_("Open fire"),
    },
}
# What people ask about most: where hosts say nothing, the page says “not known yet”.
ASKED_IN_PERSON = ("step_free_entrance", "accessible_toilet", "quiet_room", "food")
ASKED_ONLINE = ("live_captions", "camera_optional", "dial_in", "low_bandwidth")
ASKED_ALWAYS = ("sign_language",)

WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
SHORT_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)
# Between a date and a time of day.
COMMA = N_(", ")
# “May” in short is the same word in English, so the short names stand in one message of their own.
SHORT_MONTHS = N_("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")

# How a message to another server stands, and what its last answer means.
DELIVERY_STATES = {
    "pending": N_("on its way"),
    "retrying": N_("waits for another try"),
    "delivered": N_("delivered"),
    "dead": N_("given up"),
}
DELIVERY_ANSWERS = {
    401: N_("They do not accept our signature."),
    403: N_("They do not want anything from us."),
    404: N_("They do not know that address."),
    410: N_("Whoever it was for is not there any more."),
    413: N_("It was too large for them."),
    429: N_("They asked us to go slower."),
}

PAPER_SIZES = {"a4": N_("A4"), "letter": N_("US Letter"), "a5": N_("A5")}
PAPER_COLOURS = {"bw": N_("Black and white"), "colour": N_("In colour")}
YES_NO = {"yes": N_("yes"), "no": N_("no")}

LANGUAGES = {
    "ar": "العربية",
    "bn": "বাংলা",
    "ca": "Català",
    "cs": "Čeština",
    "cy": "Cymraeg",
    "da": "Dansk",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "en": "English",
    "es": "Español",
    "eu": "Euskara",
    "fa": "فارسی",
    "fi": "Suomi",
    "fr": "Français",
    "ga": "Gaeilge",
    "he": "עברית",
    "hi": "हिन्दी",
    "hu": "Magyar",
    "id": "Bahasa Indonesia",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "mr": "मराठी",
    "nl": "Nederlands",
    "no": "Norsk",
    "pl": "Polski",
    "pt": "Português",
    "pt-br": "Português (Brasil)",
    "ro": "Română",
    "ru": "Русский",
    "sv": "Svenska",
    "sw": "Kiswahili",
    "ta": "தமிழ்",
    "tr": "Türkçe",
    "uk": "Українська",
    "ur": "اردو",
    "vi": "Tiếng Việt",
    "zh": "中文",
}


def language_name(tag: str) -> str:
    """A language by its own name; the tag itself where we do not know it."""
    lower = tag.lower()
    return LANGUAGES.get(lower) or LANGUAGES.get(lower.partition("-")[0], tag)


# The categories of FEP-8a8e, under which other servers file their gatherings.
CATEGORIES = {
    "ARTS": N_("Arts"),
    "AUTO_BOAT_AIR": N_("Vehicles"),
    "BOOK_CLUBS": N_("Books"),
    "BUSINESS": N_("Business"),
    "CAUSES": N_("Causes"),
    "CLIMATE_ENVIRONMENT": N_("Climate and environment"),
    "COMMUNITY": N_("Community"),
    "COMEDY": N_("Comedy"),
    "CRAFTS": N_("Crafts"),
    "CREATIVE_JAM": N_("Creating together"),
    "DIY_MAKER_SPACES": N_("Making and repairing"),
    "FAMILY_EDUCATION": N_("Family and education"),
    "FASHION_BEAUTY": N_("Fashion and beauty"),
    "FESTIVALS": N_("Festival"),
    "FILM_MEDIA": N_("Film and media"),
    "FOOD_DRINK": N_("Food and drink"),
    "GAMES": N_("Games"),
    "INCLUSIVE_SPACES": N_("Inclusive spaces"),
    "LANGUAGE_CULTURE": N_("Languages and cultures"),
    "LEARNING": N_("Learning"),
    "LGBTQ": N_("LGBTQ"),
    "MEETING": N_("Meeting"),
    "MEDITATION_WELLBEING": N_("Meditation and well-being"),
    "MOVEMENTS_POLITICS": N_("Movements and politics"),
    "MUSIC": N_("Music"),
    "NETWORKING": N_("Getting to know others"),
    "OUTDOORS_ADVENTURE": N_("Outdoors"),
    "PARTY": N_("Party"),
    "PERFORMING_VISUAL_ARTS": N_("Performing and visual arts"),
    "PETS": N_("Animals at home"),
    "PHOTOGRAPHY": N_("Photography"),
    "SCIENCE_TECH": N_("Science and technology"),
    "SPIRITUALITY_RELIGION_BELIEFS": N_("Spirituality and religion"),
    "SPORTS": N_("Sports"),
    "THEATRE": N_("Theatre"),
    "WORKSHOPS_SKILL_SHARING": N_("Workshops and skills"),
}
