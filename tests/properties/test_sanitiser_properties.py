"""HTML put together from what breaks sanitisers: nothing active comes out, twice is once, and it is bounded."""

from hypothesis import given, settings
from hypothesis import strategies as st

from node.sanitize import clean_html
from tests.fuzz.targets import markup

_TAGS = (
    *("p", "a", "b", "h1", "ul", "li", "blockquote", "script", "style", "svg", "math", "template"),
    *("noscript", "iframe", "img", "table", "td", "title", "textarea", "select", "plaintext"),
)
_VALUES = (
    *("https://x.example/", "javascript:alert(1)", " java\nscript:x", "data:text/html,x", "//x"),
    *("</style><img src=x onerror=y>", "--><script>", "ar", "rtl", "&#106;avascript:x", "\x00"),
)
_NAMES = ("href", "src", "onerror", "style", "class", "id", "lang", "dir", "xlink:href", "rel")
_RAW = (
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?x",
    "</",
    "<",
    ">",
    "&lt;b&gt;",
    "&#x3c;",
    "\u202e",
    "é",
)
_attributes = st.builds('{}="{}"'.format, st.sampled_from(_NAMES), st.sampled_from(_VALUES))
_pieces = st.one_of(
    st.builds(
        lambda tag, given: f"<{' '.join([tag, *given])}>",
        st.sampled_from(_TAGS),
        st.lists(_attributes, max_size=3),
    ),
    st.sampled_from(_TAGS).map("</{}>".format),
    st.sampled_from(_RAW),
    st.text(max_size=6),
)


@settings(max_examples=300)
@given(pieces=st.lists(_pieces, max_size=30))
def test_nothing_active_survives_and_cleaning_twice_is_cleaning_once(pieces: list[str]) -> None:
    markup("".join(pieces).encode("utf-8", "replace"))


@given(depth=st.integers(1, 3000), tag=st.sampled_from(_TAGS))
def test_nesting_makes_nothing_longer(depth: int, tag: str) -> None:
    text = f"<{tag}>" * depth + "x"
    assert len(clean_html(text)) <= 3 * len(text) + 100
