"""Files from operators: strict JSON, and the place of what is wrong."""

import pytest

from node.errors import MalformedError, TooLargeError
from node.exchange.reading import LARGEST_FILE, read_json

REFUSED = {
    "empty": (b" \n", "The file is empty."),
    "trailing comma": (b"[1,\n2,]", "is not JSON: Expecting value (line 2, column 3)."),
    "unfinished": (b'{"a"', "is not JSON: Expecting ':' delimiter (line 1, column 5)."),
    "two values": (b"{}\n{}", "is not JSON: Extra data (line 2, column 1)."),
    "latin-1": (b'{"a":\n "caf\xe9"}', "is not UTF-8 (line 2, column 6)."),
    "repeated name": (
        b'{"a": {"x": 1},\n "b": {"x": 1, "\\u0078": 2}}',
        "has the name “x” twice in one object (line 2, column 16).",
    ),
    "not a number": (b'["NaN",\n NaN]', "has NaN, which is not a number (line 2, column 2)."),
    "infinity": (b"[-Infinity]", "has -Infinity, which is not a number (line 1, column 2)."),
    "large float": (b"[1,\n 1e999]", "has a number that is too large (line 2, column 2)."),
    "large integer": (b"[9223372036854775808]", "has a number that is too large"),
    "5000 digits": (b"[" + b"9" * 5000 + b"]", "has a number that is too large"),
    "deep": (b"[" * 65 + b"]" * 65, "is nested more than 64 levels deep (line 1, column 65)."),
    "very deep": (b'{"a":' * 200_000, "is nested more than 64 levels deep"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_is_refused_with_line_and_column(name):
    data, sentence = REFUSED[name]
    with pytest.raises(MalformedError) as refusal:
        read_json(data)
    assert sentence in str(refusal.value)


def test_a_file_is_read_with_or_without_a_byte_order_mark():
    assert read_json(b'{"a": [1, 2.5, "\xc3\xa9"]}') == {"a": [1, 2.5, "é"]}
    assert read_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_brackets_inside_text_are_no_depth():
    text = "[" * 100
    assert read_json(f'["{text}"]'.encode()) == [text]


def test_a_file_that_is_too_large_is_not_read():
    with pytest.raises(TooLargeError):
        read_json(b" " * (LARGEST_FILE + 1))
