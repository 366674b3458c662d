"""Every document we send, byte for byte as last found right (`--update-golden` to look anew)."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federation import discovery
from federation.proofs import add_proof
from federation.render import activity, actor, collection
from federation.render.comment import comment
from federation.render.companion import companion
from federation.render.event import event
from federation.render.message import message
from federation.render.notice import notice
from federation.render.practice import practice
from federation.render.reflection import reflection
from federation.render.series import series
from federation.render.stamp import stamp
from federation.render.standing import standing
from federation.signatures import SigningKey
from federation.vocab import PUBLIC
from node.domain import starter_list
from node.domain.cohost import Cohost
from node.domain.event import Event, Occurrence
from node.domain.known_group import GroupProfile, Spot
from node.domain.permission import of_the_group
from node.domain.picture import read_image
from node.domain.practice import Practice
from node.domain.series import sitting
from tests.federation import samples
from tests.federation.conftest import GOLDEN, Golden
from tests.federation.samples import CHANGED, CREATED, KEYS, NOW, URLS
from tests.unit.test_series import MITTWOCHSKREIS

BERLIN = GroupProfile(
    id="https://berlin.example/group",
    name="Hinterhofkreis",
    url="https://berlin.example/",
    languages=("de", "en"),
    place="Berlin",
    spot=Spot(52.5, 13.4),
    stands_with="https://berlin.example/group/stands-with",
    listed=True,
)
BARE = replace(
    BERLIN, id="https://moss.example/actor", name="Moss", languages=(), place="", spot=None
)
ACTIVITY = URLS.activity("01kg60")
PEER = "https://peer.example/users/ana"


def _event(document: dict[str, Any]) -> dict[str, Any]:
    return event(samples.a_stored_event(document), samples.a_group(), URLS, NOW)


def test_group_actor(golden: Golden) -> None:
    golden("actor-group.json", actor.group(samples.a_group(), URLS, KEYS, CREATED, CHANGED))


def test_group_actor_with_a_picture(golden: Golden) -> None:
    one = replace(samples.a_group(), image=read_image(samples.OWN_IMAGE))
    golden("actor-group-picture.json", actor.group(one, URLS, KEYS, CREATED, CHANGED))


def test_event_with_a_picture_of_ours(golden: Golden) -> None:
    document = samples.IN_PERSON | {"image": samples.OWN_IMAGE}
    golden("event-own-picture.json", _event(document))


def test_reflection_with_a_picture_of_ours(golden: Golden) -> None:
    medium = {"type": "image", **samples.OWN_IMAGE}
    stored = samples.a_stored_reflection(samples.POEM | {"media": [medium]})
    golden("reflection-own-picture.json", reflection(stored, samples.a_group(), URLS))


def test_instance_actor(golden: Golden) -> None:
    golden("actor-instance.json", actor.instance(URLS, KEYS))


@pytest.mark.parametrize("name", samples.EVENTS)
def test_event(golden: Golden, name: str) -> None:
    golden(f"event-{name}.json", _event(samples.EVENTS[name]))


@pytest.mark.parametrize("name", samples.REFLECTIONS)
def test_reflection(golden: Golden, name: str) -> None:
    stored = samples.a_stored_reflection(samples.REFLECTIONS[name])
    golden(f"reflection-{name}.json", reflection(stored, samples.a_group(), URLS))


def test_notice(golden: Golden) -> None:
    about = samples.a_stored_event(samples.CANCELLED).event
    golden("notice.json", notice(samples.NOTICE, about, samples.a_group(), URLS))


def test_companion(golden: Golden) -> None:
    stored = samples.a_stored_event(samples.IN_PERSON)
    golden("companion-event.json", companion(stored, samples.a_group(), URLS))
    about = samples.a_stored_event(samples.CANCELLED).event
    golden(
        "companion-notice.json",
        notice(samples.NOTICE, about, samples.a_group(), URLS, to_companion=True),
    )


def test_messages_to_one_person(golden: Golden) -> None:
    page = URLS.rsvp("t0k3n")
    asked = message(samples.QUESTION, "ana@peer.example", page, URLS)
    golden("message-question.json", asked)
    golden("activity-create-question.json", activity.create(ACTIVITY, asked))
    said = replace(samples.QUESTION, options=(), in_reply_to=None, content="<p>It is full.</p>")
    golden("message-note.json", message(said, "ana@peer.example", None, URLS))


def test_create_and_update(golden: Golden) -> None:
    document = _event(samples.ONLINE_HIDDEN)
    golden("activity-create-event.json", activity.create(ACTIVITY, document))
    golden("activity-update-event.json", activity.update(ACTIVITY, document, NOW))


def test_whom_the_group_stands_with(golden: Golden) -> None:
    golden("collection-stands-with.json", standing([BERLIN, BARE], URLS))
    agreed = samples.a_group(stands_publicly=True, discoverable=False)
    golden("actor-group-agreed.json", actor.group(agreed, URLS, KEYS, CREATED))
    golden("starter-list.json", starter_list.written(agreed, URLS, [BERLIN], "Hills and friends"))


def test_update_of_the_group(golden: Golden) -> None:
    document = actor.group(samples.a_group(), URLS, KEYS, CREATED, CHANGED)
    golden("activity-update-group.json", activity.update(ACTIVITY, document, NOW))


def test_delete_and_announce(golden: Golden) -> None:
    to, cc = ["https://www.w3.org/ns/activitystreams#Public"], [URLS.followers]
    gone = URLS.event("spring-day")
    golden(
        "activity-delete.json",
        activity.delete(ACTIVITY, URLS.group, gone, to=to, cc=cc, now=NOW, former_type="Event"),
    )
    golden(
        "activity-announce.json",
        activity.announce(ACTIVITY, URLS.group, gone, to=to, cc=cc, now=NOW),
    )


def test_add_and_remove(golden: Golden) -> None:
    about, target = URLS.event("spring-day"), URLS.collection("featured")
    to, cc = [PUBLIC], [URLS.followers]
    for kind in ("Add", "Remove"):
        golden(
            f"activity-{kind.lower()}.json",
            activity.listing(kind, ACTIVITY, URLS.group, about, target, to=to, cc=cc, now=NOW),
        )


def test_an_activity_with_its_proof(golden: Golden) -> None:
    announce = activity.announce(
        ACTIVITY, URLS.group, URLS.event("spring-day"), to=[PUBLIC], cc=[URLS.followers], now=NOW
    )
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    proved = add_proof(announce, key, URLS.group + "#ed25519-key", NOW)
    golden("activity-announce-proved.json", proved)


def test_follow_and_undo(golden: Golden) -> None:
    follow = activity.follow(ACTIVITY, URLS.group, PEER)
    golden("activity-follow.json", follow)
    golden("activity-undo-follow.json", activity.undo(URLS.activity("01kg61"), follow))


def test_an_offer_its_answers_and_the_end_of_it(golden: Golden) -> None:
    theirs, event = "https://berlin.example/group", URLS.event("river-walk")
    offer = activity.offer(ACTIVITY, URLS.group, event, theirs)
    golden("activity-offer.json", offer)
    golden("activity-undo-offer.json", activity.undo(URLS.activity("01kg61"), offer))
    asked = "https://berlin.example/activities/01kg62"
    for kind in ("Accept", "Reject"):
        answer = activity.answer_offer(kind, ACTIVITY, URLS.group, asked, theirs)
        golden(f"activity-{kind.lower()}-offer.json", answer)


def test_a_practice(golden: Golden) -> None:
    document = {
        "id": "three-breaths",
        "title": {"en": "Three breaths", "es": "Tres respiros"},
        "body": {"en": "Breathe in.\n\nBreathe <out>.", "es": "Inhala."},
        "source_attribution": "Handed on in the group",
        "license": "CC-BY-4.0",
    }
    one = Practice.from_document(document, "en")
    rendered = practice(one, CHANGED, URLS)
    golden("practice.json", rendered)
    address = URLS.collection("practices")
    golden("collection-practices.json", collection.whole(address, [collection.bare(rendered)]))


def test_an_event_held_together(golden: Golden) -> None:
    alone = samples.a_stored_event(samples.IN_PERSON)
    berlin = Cohost("https://berlin.example/group", "Hinterhofkreis", "https://berlin.example/")
    together = replace(alone, cohosts=(berlin,))
    golden("event-held-together.json", event(together, samples.a_group(), URLS, NOW))


def test_answers_embed_only_what_identifies_the_activity(golden: Golden) -> None:
    follow = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": PEER + "#follows/1",
        "type": "Follow",
        "actor": {"id": PEER, "type": "Person", "name": "Ana"},
        "object": [URLS.group],
        "signature": {"type": "RsaSignature2017"},
    }
    join = {
        "id": PEER + "#join/1",
        "type": "Join",
        "actor": PEER,
        "object": URLS.event("spring-day"),
    }
    golden("activity-accept-follow.json", activity.accept(ACTIVITY, URLS.group, follow))
    golden("activity-reject-follow.json", activity.reject(ACTIVITY, URLS.group, follow))
    golden("activity-accept-join.json", activity.accept(ACTIVITY, URLS.group, join))
    invite = activity.invite(ACTIVITY, URLS.group, URLS.event("spring-day"), PEER)
    golden("activity-invite.json", invite)
    golden("activity-undo-invite.json", activity.undo(URLS.activity("01kg61"), invite))
    golden("activity-ignore-join.json", activity.ignore(ACTIVITY, URLS.group, join))


def test_collections(golden: Golden) -> None:
    outbox = URLS.collection("outbox")
    golden("collection-followers.json", collection.counted(URLS.followers, 7))
    golden("collection-outbox.json", collection.paged(outbox, 3, outbox + "?page=true"))
    created = collection.bare(activity.create(ACTIVITY, _event(samples.ONLINE_HIDDEN)))
    page = collection.page(outbox + "?page=true", outbox, [created], outbox + "?page=true&before=9")
    golden("collection-outbox-page.json", page)
    ids = [URLS.event("spring-day"), URLS.reflection("mousse")]
    golden("collection-featured.json", collection.whole(URLS.collection("featured"), ids))


def test_leave_to_quote_and_to_answer(golden: Golden) -> None:
    request = {
        "type": "QuoteRequest",
        "id": PEER + "/quotes/1",
        "actor": PEER,
        "object": URLS.event("spring-day"),
        "instrument": PEER + "/notes/1",
    }
    address = URLS.stamp("01kg62")
    for name, given in (("accept", address), ("reject", None)):
        document = activity.answer_request(ACTIVITY, URLS.group, request, asker=PEER, stamp=given)
        golden(f"activity-{name}-quote.json", document)
    about = {"target": URLS.reflection("lo-que-duele"), "asker": PEER}
    reply = PEER + "/notes/2"
    cc = ["https://www.w3.org/ns/activitystreams#Public", URLS.followers]
    yes = activity.approve_reply(ACTIVITY, URLS.group, reply, **about, stamp=address, cc=cc)
    golden("activity-accept-reply.json", yes)
    golden(
        "activity-reject-reply.json",
        activity.turn_down_reply(ACTIVITY, URLS.group, reply, **about),
    )
    golden(
        "activity-delete-stamp.json",
        activity.revoke(ACTIVITY, URLS.group, address, to=[PEER], now=NOW),
    )
    for kind in ("quote", "reply"):
        document = stamp(
            address,
            kind,
            URLS.group,
            interacting=PEER + "/notes/1",
            target=URLS.event("spring-day"),
        )
        golden(f"stamp-{kind}.json", document)


def test_what_is_passed_on_whole(golden: Golden) -> None:
    create = {"id": PEER + "/1", "type": "Create", "actor": PEER, "object": {"b": 1, "a": None}}
    to, cc = ["https://www.w3.org/ns/activitystreams#Public"], [URLS.followers, PEER]
    document = activity.announce_whole(ACTIVITY, URLS.group, create, to=to, cc=cc, now=NOW)
    assert list(document["object"]["object"]) == ["b", "a"]
    del create["object"]
    document = activity.announce_whole(ACTIVITY, URLS.group, create, to=to, cc=cc, now=NOW)
    golden("activity-announce-whole.json", document)


def test_comment(golden: Golden) -> None:
    to, cc = ["https://www.w3.org/ns/activitystreams#Public"], [URLS.followers]
    about = URLS.event("spring-day")
    document = comment(
        samples.COMMENT,
        URLS,
        to=to,
        cc=cc,
        page=about,
        thread=about + "/context",
        permissions=of_the_group(samples.a_group()),
    )
    golden("comment.json", document)


def test_tombstone(golden: Golden) -> None:
    golden("tombstone.json", activity.tombstone(URLS.event("spring-day"), NOW, "Event"))


def test_discovery(golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "__version__", "1.2.3")
    group = samples.a_group()
    ours = discovery.Query(f"acct:{samples.HANDLE}@{URLS.host}")
    golden("webfinger-group.json", discovery.webfinger(ours, URLS, samples.HANDLE))
    own = discovery.Query(URLS.home)
    golden("webfinger-instance.json", discovery.webfinger(own, URLS, samples.HANDLE))
    golden("host-meta.xml", discovery.host_meta_xml(URLS))
    golden("host-meta.json", discovery.host_meta_json(URLS))
    golden("nodeinfo-links.json", discovery.nodeinfo_links(URLS))
    golden("nodeinfo-2.0.json", discovery.nodeinfo("2.0", group, 12))
    golden("nodeinfo-2.1.json", discovery.nodeinfo("2.1", group, 12))
    golden("api-v1-instance.json", discovery.instance_summary(URLS, group, 12))


def test_no_document_has_null() -> None:
    # Mobilizon crashes on `status: null`. `/api/v1/instance` copies Mastodon, which has nulls.
    for path in GOLDEN.glob("*.json"):
        if path.name != "api-v1-instance.json":
            assert None not in _leaves(json.loads(path.read_text(encoding="utf-8"))), path


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [leaf for one in inner for leaf in _leaves(one)]
    return [value]


def test_session_and_series(golden: Golden) -> None:
    """A session as it is sent, and its series as it answers at its address."""
    whole = MITTWOCHSKREIS | {
        "siblings": ["https://sydney.example/events/dawn"],
        "series": MITTWOCHSKREIS["series"] | {"continues": "winterkreis"},
    }
    one = sitting(whole, datetime(2027, 3, 17, 19))
    found = Event.from_document(
        {"id": "mittwochskreis-2027-03-17", **one.document},
        ("de",),
        Occurrence(series="mittwochskreis", recurrence=one.recurrence),
    )
    stored = replace(
        samples.a_stored_event(whole),
        event=found,
        previous="mittwochskreis-2027-03-10",
        next="mittwochskreis-2027-03-31",
        siblings=("https://sydney.example/events/dawn",),
    )
    golden("event-session.json", event(stored, samples.a_group(), URLS, NOW))
    slugs = ["mittwochskreis-2027-03-10", "mittwochskreis-2027-03-17"]
    kept = replace(samples.a_stored_event(whole), siblings=("https://sydney.example/events/dawn",))
    golden("series.json", series(kept, slugs, URLS, "winterkreis"))
