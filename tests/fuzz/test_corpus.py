"""The kept corpus of the fuzzer, and a short exploration around it: nothing but the promised comes out."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.__main__ import CORPUS
from tests.fuzz.targets import TARGETS

MOST_BYTES = 200_000
_BITS = (
    b'"',
    b"\\",
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b"<",
    b">",
    b"{",
    b"[",
    b",",
    b";",
    b":",
    b"=",
)
_PIECES = (*_BITS, b"(", b"@", b"%", b"\n", b"\r", b" ", b"9", b"-", b"#", b"\xe2\x80\xae", b"nan")


def kept(name: str) -> list[bytes]:
    """The corpus of a target, in a settled order."""
    return [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]


def test_every_target_has_seeds_and_the_corpus_is_small() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)
    assert sum(path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()) <= MOST_BYTES


@pytest.mark.timeout(60)  # a hang, never a slow machine
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_what_was_found_before_does_no_harm(name: str) -> None:
    for data in kept(name):
        TARGETS[name](data)


@st.composite
def bent_bytes(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A seed with one to four cuts, insertions and repetitions; or no seed at all."""
    made = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(made)))
        until = min(len(made), at + draw(st.integers(0, 12)))
        piece = draw(st.sampled_from(_PIECES) | st.binary(max_size=4))
        made[at:until] = piece * draw(st.sampled_from((1, 1, 1, 2, 60)))
    return bytes(made)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_around_what_was_found_there_is_no_harm_either(name: str) -> None:
    @settings(
        max_examples=60,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(data=bent_bytes(kept(name)) | st.binary(max_size=80))
    def explore(data: bytes) -> None:
        TARGETS[name](data)

    explore()
