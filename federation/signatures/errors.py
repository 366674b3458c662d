"""What can be wrong with a signature, and the status each answers with.

Named after the finding (missing, malformed, refused, unusable); the suffix would add nothing.
"""

from node.errors import MalformedError, UnauthenticatedError


class SignatureMissing(UnauthenticatedError):  # noqa: N818
    """The request carries no signature we look at (401)."""


class SignatureMalformed(MalformedError):  # noqa: N818
    """The signature, or what it covers, cannot be read in one way only (400)."""


class SignatureRefused(UnauthenticatedError):  # noqa: N818
    """The signature can be read, but it proves nothing we need (401); the message says why."""


class SignatureMismatch(SignatureRefused):
    """All is in order but the key (401): the only refusal that a newer key could turn around."""


class UnusableKey(UnauthenticatedError):  # noqa: N818
    """A key that cannot be read or that we do not trust: wrong kind or size (401)."""
