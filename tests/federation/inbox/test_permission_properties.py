"""Whatever somebody asks leave for, in whatever shape: one answer, never an error, nothing unearned."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from federation.inbox.dispatch import HANDLERS
from federation.inbox.handler import Documents
from federation.parse import read_activity
from node.errors import RoughweatherError
from tests.federation.inbox.test_properties import CONTEXT, EVENT, URLS, fresh, remote

ANA = "https://hills.example/ana"
POST = ANA + "/notes/1"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"

ids = st.sampled_from([POST, ANA, EVENT, URLS.event("never"), "https://else.example/1", "", "x"])
leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | ids
JSON = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "type", "href", "content"]), inner, max_size=3)
    ),
    max_leaves=8,
)
posts = st.fixed_dictionaries(
    {"id": ids | JSON, "type": st.sampled_from(["Note", "Like", "Announce", "Person"]) | JSON},
    optional={
        "attributedTo": ids | JSON,
        "inReplyTo": ids | JSON,
        "quote": ids | JSON,
        "quoteUrl": ids | JSON,
        "content": st.just("<p>Look</p>") | JSON,
        "to": st.just([PUBLIC]) | JSON,
        "interactionPolicy": JSON,
        "tag": JSON,
    },
)
requests = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["QuoteRequest", "LikeRequest", "ReplyRequest", "AnnounceRequest"]),
        "id": st.just(ANA + "/requests/1"),
        "actor": st.just(ANA),
        "object": ids | JSON,
        "instrument": posts | ids | JSON,
    }
)


@settings(max_examples=300, deadline=None)
@given(requests, st.booleans())
def test_any_request_has_one_answer(request: dict[str, Any], known: bool) -> None:
    activity = read_activity(request)
    handler = HANDLERS[activity.type]
    actors = {ANA: remote(ANA)} if known else {}
    wanted = handler.wants(activity, CONTEXT)
    assert len(wanted.objects) <= 1
    with fresh() as session:
        for _ in range(2):
            try:
                handler.apply(session, activity, Documents(actors=actors), CONTEXT)
            except RoughweatherError:
                assert not session.value("SELECT count(*) FROM stamp")
        rows = session.rows("SELECT * FROM stamp")
        assert len(rows) <= 1
        for row in rows:
            assert row["target"] == EVENT
            assert row["interacting"].startswith("https://hills.example/")
            assert row["actor_id"] == ANA
            if row["kind"] == "quote":
                thing = request["instrument"]
                quoted = [thing[key] for key in ("quote", "quoteUrl") if key in thing]
                assert not quoted or EVENT in str(quoted) or "https" not in str(quoted)
