"""How to reach a person, as a link where it is an address that a browser can open."""

import re
from urllib.parse import quote, urlsplit

from markupsafe import Markup, escape

_MAIL = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\"]+")
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{4,30}")


def contact_link(contact: str) -> Markup:
    """An e-mail address, a telephone number or a web page as a link; other words as they are."""
    address = contact.strip()
    if _MAIL.fullmatch(address):
        return Markup('<a href="mailto:{}">{}</a>').format(quote(address, safe="@+"), address)
    if number := phone_number(address):
        return Markup('<a href="tel:{}" dir="ltr">{}</a>').format(number, address)
    if is_web_address(address):
        return Markup('<a href="{0}" rel="noopener">{0}</a>').format(address)
    return escape(contact)


def phone_number(text: str) -> str:
    """The digits of a telephone number; empty where it is none."""
    return re.sub(r"[^0-9+]", "", text) if _PHONE.fullmatch(text) else ""


def is_web_address(text: str) -> bool:
    """Whether `text` is an http(s) address: nothing else is ever made a link."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)
