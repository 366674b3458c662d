"""Words for what is refused: paths, and values as they may be shown to whoever sent them."""

import difflib
from collections.abc import Iterable

from node.domain.text import clean

_LONGEST_SHOWN = 60


def at(path: str, step: str | int) -> str:
    """`path` one step deeper: `events[3]` and `start_local` make `events[3].start_local`."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    return f"{path}.{shown(step)}" if path else shown(step)


def shown(value: object) -> str:
    """A value in a sentence: harmless characters only, and not too many."""
    text = clean(str(value)).encode("utf-8", "replace").decode("utf-8").replace("\n", " ")
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def quoted(value: object) -> str:
    """A value in quotation marks."""
    return f"“{shown(value)}”"


def guess(word: str, known: Iterable[str]) -> str:
    """`; did you mean “x”?` for the nearest known word, or nothing."""
    near = nearest(word, known)
    return f"; did you mean {quoted(near)}?" if near else ""


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is most like `word`; empty where none is."""
    names = list(known)
    plain = {name.lower(): name for name in names}
    wanted = word[:100].lower().replace(" ", "_").replace("-", "_")
    if wanted in plain:
        return plain[wanted]
    near = difflib.get_close_matches(word[:100], names, n=1, cutoff=0.6)
    return near[0] if near else ""
