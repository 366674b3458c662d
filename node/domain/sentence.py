"""Sentences that can still be said in another language after they were made."""

from typing import Any


class Sentence(str):
    """An English sentence that remembers what it was made from.

    `template` is a gettext message with `%(name)s` for each of `values`; pages translate it, everything
    else (the command line, logs, answers to machines) shows the text itself.
    """

    __slots__ = ("template", "values")
    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, **values: Any) -> "Sentence":
        """The text of `template` with its values put in."""
        made = super().__new__(cls, template % values if values else template)
        made.template, made.values = template, values
        return made
