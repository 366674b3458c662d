"""The words of an entry: in its languages, as plain text, with links to calls kept apart."""

import re

from node.calendars.content import Component, Property
from node.exchange.meaning import is_web_address
from node.sanitize import one_line, plain_text

_LONGEST_TITLE = 300
_LONGEST_TEXT = 20_000
_MOST_TAGS = 20
_MOST_LANGUAGES = 20
_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_MARKUP = re.compile(
    r"</?(?:a|p|br|b|i|u|ul|ol|li|div|span|strong|em|h[1-6]|html)\b", re.IGNORECASE
)
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
# Where calls are held. What leads into one is told only to those who registered, unless the hosts say otherwise.
_CALL = re.compile(
    r"https?://(?:[\w.-]+\.)?(?:zoom\.us|zoom\.com|zoomgov\.com|meet\.google\.com|teams\.microsoft\.com"
    r"|teams\.live\.com|webex\.com|gotomeeting\.com|gotomeet\.me|whereby\.com|meet\.jit\.si|8x8\.vc|skype\.com"
    r"|bbb\.[\w.-]+|meet\.[\w.-]+|jitsi\.[\w.-]+|call\.[\w.-]+|senfcall\.de|cloud\.[\w.-]+/(?:index\.php/)?call)"
    r"[^\s<>\"]*",
    re.IGNORECASE,
)
# Lines that let in without the link: numbers to dial, ids and passwords of meetings.
_WAY_IN = re.compile(
    r"join .{0,20}meeting|microsoft teams|google meet|"
    r"meeting.?id|passcode|password|passwort|kenncode|kennwort|contraseña|mot de passe|senha|dial.?in|one tap"
    r"|meeting-id|conference id|konferenz-?id|\bpin ?[:#]|id de (?:la )?reunión|id da reunião|find your local number",
    re.IGNORECASE,
)

Words = str | dict[str, str]


def title(entry: Component) -> Words | None:
    """SUMMARY, by language where there are several; None where nothing is said."""
    return _by_language(
        [(one, one_line(one.text, _LONGEST_TITLE)) for one in entry.every("SUMMARY")]
    )


def described(entry: Component, *, hidden: bool) -> Words | None:
    """DESCRIPTION, or the text of X-ALT-DESC, and below it the page it names as URL.

    Of a hidden place without what leads to its door, or into a call.
    """
    found = [(one, _plain(one.text)) for one in entry.every("DESCRIPTION")]
    if not any(text for _, text in found):
        found = [(one, plain_text(one.text, _LONGEST_TEXT)) for one in entry.every("X-ALT-DESC")]
    if hidden:
        street = _street(entry)
        found = [(one, _without_ways_in(text, street)) for one, text in found]
    address = _page(entry, hidden=hidden)
    said = _by_language(found)
    if address is None or said is None:
        return address or said
    if isinstance(said, dict):
        return {tag: _with_address(text, address) for tag, text in said.items()}
    return _with_address(said, address)


def call_in(entry: Component) -> str | None:
    """The address of the call, from wherever the program that wrote the entry puts it."""
    found = _call_in(entry)
    return found if found and is_web_address(found) else None


def _call_in(entry: Component) -> str | None:
    for name in (
        "CONFERENCE",
        "X-GOOGLE-CONFERENCE",
        "X-MICROSOFT-SKYPETEAMSMEETINGURL",
        "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK",
    ):
        address = _ADDRESS.match(entry.value(name))
        if address:
            return address[0][:2000]
    location = entry.first("LOCATION")
    address = _ADDRESS.fullmatch(location.text.strip()) if location else None
    if address:
        return address[0][:2000]
    for name in ("LOCATION", "URL", "DESCRIPTION", "X-ALT-DESC"):
        for one in entry.every(name):
            call = _CALL.search(one.text)
            if call:
                return call[0].rstrip(".,;:)")[:2000]
    return None


def place(entry: Component) -> str | None:
    """LOCATION on one line, unless it is an address on the web."""
    found = entry.first("LOCATION")
    text = one_line(_plain(found.text).replace("\n", ", "), 400) if found else ""
    return (
        None if not text or _ADDRESS.fullmatch(text) else _CALL.sub("", text).strip(" ,;") or None
    )


def _with_address(text: str, address: str) -> str:
    return text if address in text else f"{text}\n\n{address}"


def _page(entry: Component, *, hidden: bool) -> str | None:
    """URL, where it leads to a page and, where it is hidden, into no call."""
    address = entry.value("URL")[:2000]
    if not is_web_address(address) or (hidden and _CALL.match(address)):
        return None
    return address


def tags(entry: Component) -> list[str]:
    """CATEGORIES, each once."""
    found = (one_line(text, 100) for given in entry.every("CATEGORIES") for text in given.items)
    return list(dict.fromkeys(text for text in found if text))[:_MOST_TAGS]


def _plain(text: str) -> str:
    """Text as it was meant: Google and Outlook put HTML where plain text belongs."""
    if _MARKUP.search(text):
        return plain_text(text, _LONGEST_TEXT)
    lines = "\n".join(line.rstrip() for line in text.split("\n")).strip()
    return re.sub(r"\n{3,}", "\n\n", lines)[:_LONGEST_TEXT]


def _street(entry: Component) -> tuple[str, ...]:
    """The parts of LOCATION that lead to a door: those with a number."""
    parts = (part.strip().casefold() for part in (place(entry) or "").split(","))
    return tuple(part for part in parts if len(part) > 4 and any(map(str.isdigit, part)))


def _without_ways_in(text: str, street: tuple[str, ...]) -> str:
    """The text without the lines that lead into a call, or to the door."""
    kept = [
        line
        for line in text.split("\n")
        if not _CALL.search(line)
        and not _WAY_IN.search(line)
        and not any(part in line.casefold() for part in street)
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _by_language(found: list[tuple[Property, str]]) -> Words | None:
    said = [(one.parameters.get("LANGUAGE", "").strip(), text) for one, text in found if text]
    told = {tag: text for tag, text in reversed(said) if len(tag) <= 35 and _TAG.fullmatch(tag)}
    if len(said) > 1 and len(told) > 1:
        ordered = dict(reversed(told.items()))
        return dict(list(ordered.items())[:_MOST_LANGUAGES])
    return said[0][1] if said else None
