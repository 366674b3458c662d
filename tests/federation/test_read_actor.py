"""Anybody's actor document: tolerant of shape, strict about where things are."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.read_actor import key_ids, keys_to_keep, read_actor, read_keys
from node.errors import MalformedError
from tests.federation.peer import rsa_key

ALICE = "https://peer.example/users/alice"
AS2 = "https://www.w3.org/ns/activitystreams"


def actor(**more: Any) -> dict[str, Any]:
    """Alice, with changes; None takes a property away."""
    document: dict[str, Any] = {
        "@context": AS2,
        "id": ALICE,
        "type": "Person",
        "preferredUsername": "alice",
        "name": "Alice",
        "inbox": ALICE + "/inbox",
        "outbox": ALICE + "/outbox",
        "endpoints": {"sharedInbox": "https://peer.example/inbox"},
        "publicKey": key(),
    } | more
    return {name: value for name, value in document.items() if value is not None}


def key(**more: Any) -> dict[str, Any]:
    return {
        "id": ALICE + "#main-key",
        "owner": ALICE,
        "publicKeyPem": rsa_key(0).public_pem(),
    } | more


def test_an_actor_as_most_servers_send_it() -> None:
    found = read_actor(
        actor(
            summary="<p>Hi <script>x</script><b>there</b></p>",
            url="https://peer.example/@alice",
            featured=ALICE + "/featured",
            upcomingEvents=ALICE + "/upcoming",
            alsoKnownAs="https://old.example/alice",
        )
    )
    assert (found.id, found.type, found.handle) == (ALICE, "Person", "alice@peer.example")
    assert (found.name, found.summary) == ("Alice", "<p>Hi <b>there</b></p>")
    assert (found.inbox, found.shared_inbox) == (ALICE + "/inbox", "https://peer.example/inbox")
    assert (found.outbox, found.featured) == (ALICE + "/outbox", ALICE + "/featured")
    assert (found.upcoming, found.url) == (ALICE + "/upcoming", "https://peer.example/@alice")
    assert found.also_known_as == ("https://old.example/alice",)


@pytest.mark.parametrize("kind", ["Person", "Group", "Organization", "Application", "Service"])
def test_five_types_are_actors_in_any_spelling(kind: str) -> None:
    for written in (kind, [kind], ["x:Thing", kind], f"as:{kind}", f"{AS2}#{kind}"):
        assert read_actor(actor(type=written)).type == kind


@pytest.mark.parametrize("kind", [None, "Note", "Create", [], {}, 7, "person", ["Key"]])
def test_nothing_else_is(kind: object) -> None:
    with pytest.raises(MalformedError):
        read_actor(actor(type=kind))


@pytest.mark.parametrize(
    "inbox",
    [
        None,
        7,
        "",
        "/inbox",
        "https://victim.example/inbox",
        "http://peer.example/users/alice/inbox",
        "https://peer.example:8443/inbox",
        "https://peer.example.evil.example/inbox",
        "https://user@peer.example/inbox",
        "https://peer.example\\@evil.example/inbox",
    ],
)
def test_an_inbox_elsewhere_makes_no_actor(inbox: object) -> None:
    with pytest.raises(MalformedError, match="inbox"):
        read_actor(actor(inbox=inbox))


@pytest.mark.parametrize("named", [None, 7, "", "acct:alice@peer.example", "https://a b/", ["x"]])
def test_an_id_that_is_no_url_makes_no_actor(named: object) -> None:
    with pytest.raises(MalformedError):
        read_actor(actor(id=named))


def test_collections_and_shared_inbox_elsewhere_are_left_out() -> None:
    elsewhere = "https://victim.example/x"
    found = read_actor(
        actor(
            outbox=elsewhere,
            featured=elsewhere,
            upcomingEvents=elsewhere,
            endpoints={"sharedInbox": elsewhere},
            url="https://bank.example/@alice",
        )
    )
    assert (found.outbox, found.featured, found.upcoming, found.shared_inbox, found.url) == (
        None,
    ) * 5


def test_shapes_that_servers_vary() -> None:
    found = read_actor(
        actor(
            name=None,
            nameMap={"pt": "Alice da Silva", "en": "Alice"},
            url=[
                {
                    "type": "Link",
                    "href": "https://peer.example/feed",
                    "mediaType": "application/rss+xml",
                },
                {"type": "Link", "href": "https://peer.example/@alice", "mediaType": "text/html"},
            ],
            outbox={"type": "OrderedCollection", "id": ALICE + "/outbox", "totalItems": 3},
            alsoKnownAs=["https://old.example/a", None, 7, "acct:x@y"],
            endpoints=None,
            summary=None,
        )
    )
    assert (found.name, found.url) == ("Alice da Silva", "https://peer.example/@alice")
    assert (found.outbox, found.shared_inbox, found.summary) == (ALICE + "/outbox", None, "")
    assert found.also_known_as == ("https://old.example/a",)


def test_hosts_in_any_case_are_one_host() -> None:
    found = read_actor(actor(id="HTTPS://Peer.Example:443/users/alice"))
    assert (found.id, found.handle) == (ALICE, "alice@peer.example")


@pytest.mark.parametrize("name", [None, "", "a b", "a@b", 7, "x" * 65, "a/b", "\u202ealice"])
def test_an_actor_without_a_usable_username_is_named_by_its_host(name: object) -> None:
    found = read_actor(actor(preferredUsername=name, name=None))
    assert found.handle == "peer.example@peer.example"
    assert found.name == "peer.example"


def test_names_are_one_bounded_line_of_text() -> None:
    found = read_actor(actor(name="<b>Al</b>\nice\u202e" + "x" * 5000))
    assert found.name.startswith("<b>Al</b> icexxx")
    assert len(found.name) == 200


def test_keys_in_every_place_they_stand() -> None:
    multikey = {
        "id": ALICE + "#ed25519",
        "type": "Multikey",
        "controller": ALICE,
        "publicKeyMultibase": "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQXJE2UkY8zmTR",
    }
    document = actor(publicKey=[key(), ALICE + "#listed"], assertionMethod=multikey)
    assert [one.id for one in read_keys(document)] == [ALICE + "#main-key", ALICE + "#ed25519"]
    assert key_ids(document) == {ALICE + "#main-key", ALICE + "#listed", ALICE + "#ed25519"}


def test_a_key_with_a_name_for_an_id_goes_by_the_actors() -> None:
    """Bridgy Fed signs with the actor's id as the key id."""
    document = actor(publicKey=key(id="alice.example"))
    assert [one.id for one in read_keys(document)] == [ALICE]
    assert key_ids(document) == {ALICE}


@pytest.mark.parametrize(
    "entry",
    [
        None,
        "x",
        7,
        key(owner="https://peer.example/users/bob"),
        key(owner=["https://peer.example/users/bob", ALICE]),
        key(id="https://evil.example/key"),
        key(id="http://peer.example/users/alice#main-key"),
        key(id=None),
        key(publicKeyPem=None),
        key(publicKeyPem={"a": 1}),
        key(publicKeyPem="-----BEGIN PUBLIC KEY-----"),
    ],
)
def test_bad_entries_are_passed_over_and_good_ones_kept(entry: object) -> None:
    good = key(id=ALICE + "#second")
    assert [one.id for one in read_keys(actor(publicKey=[entry, good]))] == [ALICE + "#second"]
    assert read_keys(actor(publicKey=entry)) == ()


def test_a_flood_of_keys_is_cut_and_repeats_do_not_count() -> None:
    many = [key(id=f"{ALICE}#{number}") for number in range(100)]
    assert len(read_keys(actor(publicKey=many))) == 10
    assert len(read_keys(actor(publicKey=[key(), key()]))) == 1


def test_only_keys_of_the_actors_own_document_are_kept_unasked() -> None:
    entries = [key(id=ALICE + "#k"), key(id=ALICE + "/main-key"), key(id=ALICE + "2#k")]
    keys = read_keys(actor(publicKey=entries))
    assert len(keys) == 3
    assert [key_id for key_id, _ in keys_to_keep(keys, ALICE)] == [
        ALICE + "#k",
        ALICE + "/main-key",
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
    | st.sampled_from([ALICE, ALICE + "#main-key", "Person", AS2]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["id", "href", "owner", "publicKeyPem", "sharedInbox", "en"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
FIELDS = st.sampled_from(
    [*actor(), "url", "assertionMethod", "alsoKnownAs", "summary", "featured", "nameMap"]
)


@settings(max_examples=300)
@given(st.dictionaries(FIELDS, JSON, max_size=6))
def test_any_json_is_an_actor_or_malformed(changes: dict[str, Any]) -> None:
    document = actor() | changes
    try:
        found = read_actor(document)
        read_keys(document)
        key_ids(document)
    except MalformedError:
        return
    assert found.inbox.startswith("https://peer.example/")
