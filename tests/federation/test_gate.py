"""The JSON gate: what comes through is plain and bounded, what does not is MalformedError."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.gate import MAX_DEPTH, MAX_NODES, parse_json
from node.errors import MalformedError

ACCEPTED = {
    b'{"a": 1}': {"a": 1},
    b' {"a":"[[[\\"{{"}\n': {"a": '[[["{{'},
    b'{"a":"\\ud83d\\ude00"}': {"a": "😀"},
    b'{"a":"\\\\ud800"}': {"a": "\\ud800"},
    '{"a":"日本 ۱"}'.encode(): {"a": "日本 ۱"},
    b'{"a":9223372036854775807}': {"a": 2**63 - 1},
    b'{"a":[null,true,1.5]}': {"a": [None, True, 1.5]},
}
REFUSED = {
    "empty": b"",
    "array": b"[]",
    "string": b'"x"',
    "null": b"null",
    "byte order mark": b"\xef\xbb\xbf{}",
    "utf-16": '{"a":1}'.encode("utf-16"),
    "invalid utf-8": b'{"a":"\xff"}',
    "trailing text": b"{} x",
    "two documents": b"{}{}",
    "duplicate key": b'{"actor":1,"actor":2}',
    "duplicate key below": b'{"a":[{"b":1,"b":1}]}',
    "not a number": b'{"a":NaN}',
    "infinity": b'{"a":-Infinity}',
    "float beyond bounds": b'{"a":1e999}',
    "integer of 65 bits": b'{"a":9223372036854775808}',
    "integer of 5000 digits": b'{"a":' + b"9" * 5000 + b"}",
    "lone high surrogate": b'{"a":"\\ud83dx"}',
    "lone low surrogate": b'{"a":"\\uDE00"}',
    "surrogates apart": b'{"a":"\\ud83d\\\\\\ude00"}',
    "escaped NUL": b'{"a":"\\u0000"}',
    "raw NUL": b'{"a":"\x00"}',
    "raw line feed in a string": b'{"a":"\n"}',
    "single quotes": b"{'a':1}",
    "depth": b'{"a":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}",
    "depth bomb": b"[" * 500_000,
    "too many values": b'{"to":[' + b"1," * MAX_NODES + b"1]}",
    "open string": b'{"a":"' + b"\\" * 100_001,
}


@pytest.mark.parametrize("body", ACCEPTED)
def test_sound_documents_pass(body: bytes) -> None:
    assert parse_json(body) == ACCEPTED[body]


@pytest.mark.parametrize("case", REFUSED)
def test_unsound_documents_are_malformed(case: str) -> None:
    with pytest.raises(MalformedError):
        parse_json(REFUSED[case])


def test_the_deepest_allowed_document_passes() -> None:
    levels = MAX_DEPTH - 1
    parse_json(b'{"a":' + b"[" * levels + b"]" * levels + b"}")


texts = st.text('aé日😀"\\[{]},: \n/u0d', max_size=8)
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["id", "type", "é"]), values), st.booleans())
def test_what_any_server_serialises_comes_through_unchanged(
    document: dict[str, object], ascii_only: bool
) -> None:
    assert parse_json(json.dumps(document, ensure_ascii=ascii_only).encode()) == document


@given(
    st.binary(max_size=200)
    | st.text('{}[]",:\\u0dD8ceE1.-ntf ', max_size=60).map(lambda text: ('{"a":' + text).encode())
)
def test_nothing_else_is_ever_raised_and_every_string_can_be_kept(body: bytes) -> None:
    try:
        document = parse_json(body)
    except MalformedError:
        return
    assert "\x00" not in json.dumps(document, ensure_ascii=False).encode("utf-8").decode()
