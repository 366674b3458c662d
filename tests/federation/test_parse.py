"""Tolerant reading: whatever shape it has, a plain value or nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation import parse
from federation.parse import Audience, read_activity
from node.errors import MalformedError

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
ALICE = "https://hills.example/users/alice"
LIKE = {
    "id": "https://hills.example/likes/1",
    "type": "Like",
    "actor": ALICE,
    "object": "https://ours.example/events/x",
}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("HTTPS://A.Example:443/X", "https://a.example/X"),
        ({"id": "https://a.example/x"}, "https://a.example/x"),
        ({"type": "Link", "href": "https://a.example/x"}, "https://a.example/x"),
        ([None, 7, {"id": "https://a.example/x"}], "https://a.example/x"),
        ("javascript:alert(1)", None),
        ("acct:alice@a.example", None),
        ("https://user@a.example/", None),
        ("https://a.example/a b", None),
        ("https://a.example/" + "x" * 3000, None),
        ([["https://a.example/x"]], None),
        ({"id": {"id": "https://a.example/x"}}, None),
        (None, None),
        (42, None),
    ],
)
def test_ids_come_in_many_shapes(value: object, found: str | None) -> None:
    assert parse.id_of(value) == found


@pytest.mark.parametrize("spelling", [PUBLIC, "as:Public", "Public"])
@pytest.mark.parametrize("listed", [True, False])
def test_public_has_three_spellings(spelling: str, listed: bool) -> None:
    value: object = [spelling] if listed else spelling
    assert parse.audience_of({"to": value}) is Audience.PUBLIC
    assert parse.audience_of({"to": [ALICE], "cc": value}) is Audience.UNLISTED
    assert parse.audience_of({"to": [ALICE], "cc": None}) is Audience.PRIVATE


def test_the_objects_audience_counts_before_the_activitys() -> None:
    private = {"to": [ALICE], "cc": []}
    assert parse.audience_of(private, {"to": [PUBLIC]}) is Audience.PRIVATE
    assert parse.audience_of({}, {"to": [PUBLIC]}) is Audience.PUBLIC


def test_an_activity_is_read_from_any_of_its_shapes() -> None:
    plain = read_activity(LIKE)
    odd = read_activity(
        LIKE
        | {"type": ["as:Like", "litepub:Thing"], "actor": {"id": ALICE, "type": "Person"}}
        | {"object": {"id": LIKE["object"], "type": "Event"}, "to": None}
    )
    assert (plain.type, plain.actor, plain.object_id) == (odd.type, odd.actor, odd.object_id)
    assert plain.key == odd.key == LIKE["id"]
    assert plain.object is None
    assert odd.object is not None


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"type": "Like"},
        {"actor": ALICE},
        LIKE | {"type": []},
        LIKE | {"type": 7},
        LIKE | {"actor": [ALICE, "https://hills.example/users/bob"]},
        LIKE | {"actor": []},
        LIKE | {"actor": "alice"},
        LIKE | {"actor": {"name": "alice"}},
        LIKE | {"id": ALICE},
    ],
)
def test_without_one_type_and_one_actor_there_is_no_activity(broken: dict[str, object]) -> None:
    with pytest.raises(MalformedError):
        read_activity(broken)


def test_an_activity_without_id_is_remembered_by_its_content() -> None:
    without = {name: value for name, value in LIKE.items() if name != "id"}
    again = dict(reversed(without.items()))
    other = without | {"object": "https://ours.example/events/y"}
    assert read_activity(without).key == read_activity(again).key != read_activity(other).key
    assert read_activity(without).id is None


def test_updates_that_share_an_id_are_told_apart_by_their_date() -> None:
    def update(moment: str) -> str:
        return read_activity(
            LIKE | {"type": "Update", "object": {"id": "x", "updated": moment}}
        ).key

    assert update("2027-01-01T00:00:00Z") == update("2027-01-01T00:00:00Z")
    assert update("2027-01-01T00:00:00Z") != update("2027-01-02T00:00:00Z")


def test_a_leave_may_have_the_id_of_its_join() -> None:
    assert read_activity(LIKE | {"type": "Join"}).key != read_activity(LIKE | {"type": "Leave"}).key


def test_an_answer_embeds_the_ids_as_they_were_spelled() -> None:
    follow = {
        "id": "https://Hills.example/follows/1",
        "type": "Follow",
        "actor": {"id": ALICE, "name": "Alice", "type": "Person"},
        "object": ["https://ours.example/group"],
        "signature": {"type": "RsaSignature2017"},
    }
    assert parse.embedded(read_activity(follow)) == {
        "id": "https://Hills.example/follows/1",
        "type": "Follow",
        "actor": ALICE,
        "object": "https://ours.example/group",
    }


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"name": "Circle"}, "Circle"),
        ({"name": None, "nameMap": {"de": "Kreis", "en": "Circle"}}, "Kreis"),
        ({"name": " ", "nameMap": {"de": "", "en": "Circle"}}, "Circle"),
        ({"name": {"en": "Circle"}}, "Circle"),
        ({"name": ["Circle"], "nameMap": ["Circle"]}, ""),
        ({}, ""),
    ],
)
def test_texts_fall_back_on_their_language_maps(document: dict[str, object], text: str) -> None:
    assert parse.text_of(document, "name") == text


@pytest.mark.parametrize(
    ("document", "language"),
    [
        ({"contentMap": {"pt-BR": "x"}}, "pt-BR"),
        ({"contentMap": {"und": "x"}, "nameMap": {"en": "x"}}, "en"),
        ({"inLanguage": "it"}, "it"),
        ({"language": {"identifier": "fr", "name": "Français"}}, "fr"),
        ({"@context": ["x", {"@language": "nl"}]}, "nl"),
        ({"@context": ["x", {"@language": "und"}], "language": "not a tag!"}, None),
        ({"contentMap": {"<script>": "x"}}, None),
        ({}, None),
    ],
)
def test_the_language_is_found_where_servers_put_it(
    document: dict[str, object], language: str | None
) -> None:
    assert parse.language_of(document) == language


def test_the_page_for_people_is_the_html_one() -> None:
    links = [
        {"type": "Link", "mediaType": "application/x-mpegURL", "href": "https://v.example/1.m3u8"},
        {"type": "Link", "mediaType": "text/html", "href": "https://v.example/w/1"},
    ]
    assert parse.page_of({"url": links}) == "https://v.example/w/1"
    assert parse.page_of({"url": links[0]}) == "https://v.example/1.m3u8"
    assert parse.page_of({"url": ["https://a.example/1", "https://a.example/2"]}) == (
        "https://a.example/1"
    )
    assert parse.page_of({"url": "javascript:alert(1)"}) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-03-14T16:00:00Z", datetime(2027, 3, 14, 16, tzinfo=UTC)),
        ("2027-03-14T17:00:00.123456789+01:00", datetime(2027, 3, 14, 16, 0, 0, 123456, UTC)),
        ("2027-03-14T16:00", datetime(2027, 3, 14, 16, tzinfo=UTC)),
        ("0000-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+23:00", None),
        ("2027-02-30T00:00:00Z", None),
        ("2027-03-14T16:00:60Z", None),
        ("tomorrow", None),
        ("2" * 100, None),
        (1_800_000_000, None),
        (None, None),
        ("2027-03-14", None),
    ],
)
def test_moments_are_read_or_absent(text: object, moment: datetime | None) -> None:
    assert parse.moment_of(text) == moment


def test_a_bare_date_and_a_foreign_offset_stay_what_they_are() -> None:
    assert parse.parse_time("2027-03-14") == date(2027, 3, 14)
    assert parse.parse_time("2027-03-14t16:00:00z") == datetime(2027, 3, 14, 16, tzinfo=UTC)
    offset = parse.moment_of("2027-03-14T16:00:00+05:30")
    assert offset is not None
    assert offset.utcoffset() == timedelta(hours=5, minutes=30)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=12)
    | st.sampled_from([PUBLIC, ALICE, "Like", "Note", "2027-03-14", "https://["]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "type", "href", "name", "en"]), inner, max_size=3)
    ),
    max_leaves=8,
)
names = st.sampled_from(
    ("id", "type", "actor", "object", "to", "cc", "tag", "url", "name", "nameMap", "contentMap")
) | st.sampled_from(
    ("content", "attributedTo", "inReplyTo", "published", "updated", "@context", "language")
)


@given(st.dictionaries(names, json_values, max_size=8))
def test_any_object_is_an_activity_or_malformed(document: dict[str, object]) -> None:
    parse.audience_of(document)
    parse.language_of(document)
    parse.page_of(document)
    parse.text_of(document, "content")
    list(parse.mentions(document))
    try:
        activity = read_activity(document)
    except MalformedError:
        return
    assert activity.actor.startswith("http")
    assert 0 < len(activity.key) <= 2048
    assert parse.embedded(activity)["type"] == activity.type
