"""Every error the node raises on purpose.

    RoughweatherError
    ├── MalformedError          400  it cannot be read
    ├── UnauthenticatedError    401  we do not know who is asking
    ├── ForbiddenError          403  we know, and it may not
    ├── NotFoundError           404
    ├── GoneError               410  it was here and has been withdrawn
    ├── ConflictError           409  it clashes with what is already there
    ├── TooLargeError           413
    ├── RefusedError            422  well-formed, but the rules say no
    │   ├── InvalidDocumentError     names every value refused and why
    │   └── UnsupportedMediaError 415  a file of a kind that is not taken
    ├── TooManyRequestsError    429
    └── TryLaterError           503  passing trouble: ask again
        └── DiskError                our disk takes nothing at the moment
            └── DiskFullError   507

The message of each is one plain sentence that is safe to show to whoever asked: it never carries
secrets, paths or traces. `status` is the HTTP status that the edge answers with.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class RoughweatherError(Exception):
    """The root of the tree: something went wrong that we expected might."""

    status: int = 500

    @property
    def sentence(self) -> str:
        """What is to be said of it: a `Sentence`, where it was made as one for pages to translate."""
        return self.args[0] if self.args and isinstance(self.args[0], str) else str(self)


class MalformedError(RoughweatherError):
    """The bytes, the document or the request cannot be read."""

    status = 400


class UnauthenticatedError(RoughweatherError):
    """Nobody has proved who is asking."""

    status = 401


class ForbiddenError(RoughweatherError):
    """Whoever is asking is known and may not do this."""

    status = 403


class NotFoundError(RoughweatherError):
    """There is nothing by that name, or nothing this asker may know of."""

    status = 404


class GoneError(RoughweatherError):
    """It was here and has been withdrawn for good."""

    status = 410


class ConflictError(RoughweatherError):
    """It clashes with something that is already there."""

    status = 409


class TooLargeError(RoughweatherError):
    """It is larger than the documented limit."""

    status = 413


class RefusedError(RoughweatherError):
    """It can be read, but a rule of the group or of the node says no."""

    status = 422


class UnsupportedMediaError(RefusedError):
    """A file is not of a kind that is taken here."""

    status = 415


class TooManyRequestsError(RoughweatherError):
    """The asker goes too fast; `retry_after` is in whole seconds."""

    status = 429

    def __init__(self, message: str, *, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TryLaterError(RoughweatherError):
    """Passing trouble on our side or further on; `retry_after` is in whole seconds."""

    status = 503

    def __init__(self, message: str, *, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DiskError(TryLaterError):
    """The node's disk cannot be read or written; what was to be written is not."""


class DiskFullError(DiskError):
    """There is no room left on the node's disk."""

    status = 507


@dataclass(frozen=True, slots=True)
class Problem:
    """One value that was refused: where it stands (`events[3].start_local`) and why, in words."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class InvalidDocumentError(RefusedError):
    """A document of the exchange format holds values that are refused; `problems` names each."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))
