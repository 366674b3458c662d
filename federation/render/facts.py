"""What one chooses a gathering by, for nodes that read it (docs/proposals/facts.md); others pass it over.

Coordinates and languages of the text stand where everybody looks for them (`location`, `inLanguage`).
"""

from federation.render.encode import Document
from node.domain.event import Event
from node.domain.facts import facts_of


def facts(one: Event) -> Document:
    """Its kind, the languages it is held in, whether it is free, the access facts one can rely on."""
    known = facts_of(one)
    told: Document = {"gatheringKind": known.kind}
    if known.languages:
        told["spokenLanguages"] = list(known.languages)
    if known.access:
        told["accessFacts"] = list(known.access)
    if known.free is not None:
        told["isAccessibleForFree"] = known.free
    return told
