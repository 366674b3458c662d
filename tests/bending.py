"""Documents bent at random: honest ones with one to three things done to them that nobody expects there."""

import copy
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from federation.parse import ACTIVITY_TYPES, ACTOR_TYPES
from tests.interop.asking import PUBLIC

# Every name that any of our readers asks a document for.
NAMES = sorted(
    {
        name
        for path in (Path(__file__).parents[1] / "federation").rglob("*.py")
        for name in re.findall(
            r'(?:\.get|text_of|recipients)\((?:\w+, )?"([^"]+)"', path.read_text()
        )
    }
)
TYPES = sorted(
    {*ACTIVITY_TYPES, *ACTOR_TYPES, "Note", "Event", "Place", "VirtualLocation", "Question", "Link"}
    | {"Tombstone", "OrderedCollection", "Multikey", "DataIntegrityProof", "Hashtag", "Mention"}
)
ODD_URLS = (
    *("http://127.0.0.1:1/", "http://[::1", "https://", "javascript:alert(1)", "acct:a@b", "//x/y"),
    *("http://127.0.0.1:99999/", "http://0x7f.1/", "as:Public", PUBLIC, "{uri}", "mailto:a@b"),
)
_PLAIN = st.one_of(
    st.sampled_from([None, True, False, 0, -1, 2**63 - 1, 2**70, 1.5, 1e308, "", " ", "\x00"]),
    st.sampled_from(ODD_URLS),
    st.sampled_from(TYPES),
    st.sampled_from(["2031-09-12", "0000-00-00T00:00:00Z", "2031-09-12T08:00:00+99:00"]),
    st.sampled_from(["9999-12-31T23:59:59-23:59", "P1Y", "P9999W", "Europe", "../../etc/passwd"]),
    st.text(max_size=20),
    st.sampled_from(["x" * 70_000, "<b" * 5000, "%" * 300, "\u0627\u0301" * 2000, "\ud800"]),
)
_HOWS = ("replace", "replace", "replace", "drop", "list", "twice", "object", "map", "add", "add")


def values(*more: str) -> st.SearchStrategy[Any]:
    """Values that do not belong where they are put; `more` are ids of the scene."""
    plain = st.one_of(_PLAIN, st.sampled_from(more)) if more else _PLAIN
    return st.recursive(
        plain,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
        ),
        max_leaves=4,
    )


def bent(draw: st.DrawFn, document: Any, given: st.SearchStrategy[Any]) -> Any:
    """The document with one to three things done to it; `draw` is the test's."""
    made = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        holders = _holders(made)
        holder = draw(st.sampled_from(holders)) if holders else None
        if holder is not None:
            _bend(draw, holder, draw(given))
    return made


def _holders(value: Any) -> Sequence[Any]:
    """Every object and list in a document that holds something, itself first."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [*([value] if inner else []), *(one for part in inner for one in _holders(part))]


def _bend(draw: st.DrawFn, holder: Any, value: Any) -> None:
    how = draw(st.sampled_from(_HOWS))
    if how == "add" and isinstance(holder, dict):
        holder[draw(st.sampled_from(NAMES))] = value
        return
    place = draw(st.sampled_from(list(holder) if isinstance(holder, dict) else range(len(holder))))
    old = holder[place]
    if how == "drop":
        del holder[place]
        return
    wrapped = {"list": [old], "twice": [old, value], "object": {"id": old}, "map": {"en": old}}
    holder[place] = wrapped.get(how, value)
