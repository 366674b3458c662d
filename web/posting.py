"""What people send with forms, and the two guards of the desk: for pages, and for forms.

A form that arrives after its session ran out is not lost: it is shown the sign-in page, travels
along, and can be sent again with one press (WCAG 2.2, 3.3.7 and 3.3.8).
"""

import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from functools import wraps
from urllib.parse import parse_qsl

from aiohttp import hdrs, web
from multidict import MultiDict

from node.body import read_body
from node.domain.role import Role
from node.domain.sentence import Sentence
from node.domain.text import clean
from node.errors import ForbiddenError, MalformedError
from node.services.drafts import LONGEST as LONGEST_DRAFT
from node.store.sessions import StewardSession
from web import csrf
from web.multipart import MULTIPART, Upload, read_multipart
from web.sessions import require, signed_in

_ENCODING = "application/x-www-form-urlencoded"
_MOST_FIELDS = 400
# What never comes back in a page.
_NOT_KEPT = (csrf.FIELD, "current", "password", "again")
NOT_YOURS = Sentence("This is not part of what you do at the desk. A full steward can help.")


class Values:
    """The fields of one form: text without control characters, ends trimmed; and the file that came along."""

    def __init__(
        self, fields: Iterable[tuple[str, str]] = (), upload: Upload | None = None
    ) -> None:
        self.upload = upload
        self._exact: MultiDict[str] = MultiDict(fields)
        self._fields: MultiDict[str] = MultiDict(
            (name, clean(text).strip()) for name, text in self._exact.items()
        )

    def __getitem__(self, name: str) -> str:
        """The field's text; empty where it was not sent."""
        return self._fields.get(name, "")

    def exact(self, name: str) -> str:
        """The field as it was typed: a password may begin with a space."""
        return self._exact.get(name, "")

    def every(self, name: str) -> list[str]:
        """All texts under one name, such as checked boxes."""
        return self._fields.getall(name, [])

    def has(self, name: str) -> bool:
        """Whether a box was checked."""
        return name in self._fields

    def also(self, fields: Mapping[str, str]) -> "Values":
        """The same with some fields set anew, and without the file."""
        return Values([*self.without(*fields)._exact.items(), *fields.items()])

    def without(self, *names: str) -> "Values":
        """The same without some fields, and without the file."""
        return Values((name, text) for name, text in self._exact.items() if name not in names)

    def kept(self) -> str:
        """Everything but the token and passwords: to travel along through signing in, or as a draft."""
        fields = [[name, text] for name, text in self._fields.items() if name not in _NOT_KEPT]
        return json.dumps(fields, ensure_ascii=False)

    @classmethod
    def of(cls, given: Mapping[str, str | Sequence[str]]) -> "Values":
        """From a plain mapping; a list stands for several boxes."""
        pairs: list[tuple[str, str]] = []
        for name, value in given.items():
            pairs.extend((name, one) for one in ([value] if isinstance(value, str) else value))
        return cls(pairs)


StewardPage = Callable[[web.Request, StewardSession], Awaitable[web.Response]]
StewardForm = Callable[[web.Request, StewardSession, Values], Awaitable[web.Response]]
SignedOut = Callable[[web.Request, Values], Awaitable[web.Response]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def posted(request: web.Request, *, secret_address: bool = False) -> Values:
    """The fields of a form that our own page sent, in the encoding that all forms without a file have.

    Where the address is a secret nobody else can make anybody send it, so where it came from is not
    looked at: pages that tell no other site where they are send no origin either.

    Raises ForbiddenError, MalformedError, TooLargeError beyond the size of a request, TryLaterError
    where it does not arrive in time.
    """
    if not secret_address:
        csrf.check_origin(request)
    if request.content_type != _ENCODING or hdrs.CONTENT_ENCODING in request.headers:
        raise MalformedError("The form could not be read.")
    body = await read_body(request)
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            max_num_fields=_MOST_FIELDS,
            errors="strict",
        )
    except ValueError as error:
        raise MalformedError("The form could not be read.") from error
    return Values(pairs)


async def posted_with_file(request: web.Request, *, keep_file: bool) -> Values:
    """As `posted`, for forms that may have a file as well: those of the desk. Raises as that."""
    if request.content_type != MULTIPART or hdrs.CONTENT_ENCODING in request.headers:
        return await posted(request)
    csrf.check_origin(request)
    return Values(*await read_multipart(request, keep_file=keep_file))


def for_stewards(page: StewardPage, roles: Collection[Role]) -> Handler:
    """A page that only signed-in stewards of these roles see."""

    @wraps(page)
    async def handler(request: web.Request) -> web.Response:
        held = await require(request)
        _check_role(held, roles)
        return await page(request, held)

    return handler


def steward_form(form: StewardForm, roles: Collection[Role], signed_out: SignedOut) -> Handler:
    """What happens when a steward of these roles sends a form; `signed_out` answers where the session ran out."""

    @wraps(form)
    async def handler(request: web.Request) -> web.Response:
        held = signed_in(request)
        values = await posted_with_file(request, keep_file=held is not None)
        if held is None:
            return await signed_out(request, values)
        csrf.check_token(held, values[csrf.FIELD])
        _check_role(held, roles)
        return await form(request, held, values)

    return handler


def _check_role(held: StewardSession, roles: Collection[Role]) -> None:
    """Refuse who has another role. Raises ForbiddenError."""
    if held.role not in roles:
        raise ForbiddenError(NOT_YOURS)


def read_kept(text: str) -> Values | None:
    """What `Values.kept` wrote, or None where it is not that."""
    if not text or len(text) > LONGEST_DRAFT:
        return None
    try:
        pairs = json.loads(text)
    except (ValueError, RecursionError):  # the parser goes down into nesting, however deep
        return None
    good = isinstance(pairs, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)
        for pair in pairs
    )
    return Values((name, value) for name, value in pairs) if good else None
