"""The document that a command was given."""

from typing import Any

from node.errors import MalformedError
from node.exchange.reading import read_json


def one_object(stdin: bytes) -> dict[str, Any]:
    """The one JSON object of a file; raises MalformedError, TooLargeError for anything else."""
    document = read_json(stdin)
    if not isinstance(document, dict):
        raise MalformedError("The file must hold one JSON object: {…}.")
    return document
