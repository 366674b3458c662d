"""A question to one person of another server, answered by voting in its poll."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be voted for: `value` is ours, `label` what people and servers see."""

    value: str
    label: str
