"""A server that reads only RFC 9421 signatures gets one, is remembered, and nobody else is bothered."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from federation.signatures import SignatureStyle, SigningKey, read_signature, verify
from node.store import hosts
from node.store.database import Database
from tests.conftest import TurnableClock
from tests.federation.outbound import Outbound, outbound
from tests.federation.sink import Received, Reply, Sink


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with Sink(1) as opened:
        yield opened


@pytest.fixture
async def node(
    database: Database, clock: TurnableClock, rsa_keys: tuple[SigningKey, ...], sink: Sink
) -> AsyncIterator[Outbound]:
    async with outbound(database, clock, rsa_keys[0], sink) as parts:
        await parts.follow(sink.hosts[0])
        yield parts


def style(post: Received) -> SignatureStyle:
    return read_signature(post.signed).style


def only_rfc9421(post: Received) -> Reply:
    return Reply(202 if style(post) is SignatureStyle.RFC9421 else 401, {})


async def test_s97_a_refused_signature_is_made_anew_in_the_other_style(
    node: Outbound, rsa_keys: tuple[SigningKey, ...]
) -> None:
    node.sink.answer = only_rfc9421
    await node.publish()
    await node.settle()
    first, second = node.sink.received
    assert [style(first), style(second)] == [SignatureStyle.CAVAGE, SignatureStyle.RFC9421]
    assert first.body == second.body
    verify(
        second.signed,
        read_signature(second.signed),
        rsa_keys[0].public,
        now=node.clock.now(),
        hosts=frozenset({second.host}),
        scheme="http",
    )
    assert (await node.counts())["delivered"] == 1


async def test_s97_the_host_is_remembered_for_thirty_days(node: Outbound) -> None:
    node.sink.answer = only_rfc9421
    await node.publish(id="first")
    await node.settle()
    await node.publish(id="second")
    await node.settle()
    assert [style(post) for post in node.sink.received[2:]] == [SignatureStyle.RFC9421]
    node.clock.set(node.clock.now() + timedelta(days=31))
    await node.publish(id="third")
    await node.settle()
    assert style(node.sink.received[3]) is SignatureStyle.CAVAGE


async def test_s97_two_refusals_end_it_and_nothing_is_remembered(node: Outbound) -> None:
    node.sink.answer = lambda _: Reply(400, {})
    await node.publish()
    await node.settle()
    assert len(node.sink.received) == 2
    assert (await node.counts())["dead"] == 1
    assert await node.rows("SELECT * FROM host_state WHERE rfc9421_until > 0") == []


async def test_a_server_that_takes_the_old_style_never_sees_the_new_one(node: Outbound) -> None:
    await node.publish()
    await node.settle()
    assert [style(post) for post in node.sink.received] == [SignatureStyle.CAVAGE]


async def test_s97_who_reads_only_the_older_style_after_all_is_forgotten(node: Outbound) -> None:
    """It advertised the newer one, or its server was replaced by another."""
    host, until = node.sink.hosts[0], node.clock.now() + timedelta(days=9)
    await node.database.write(lambda session: hosts.reads_rfc9421(session, host, until))
    node.sink.answer = lambda post: Reply(202 if style(post) is SignatureStyle.CAVAGE else 401, {})
    await node.publish(id="first")
    await node.settle()
    await node.publish(id="second")
    await node.settle()
    styles = [SignatureStyle.RFC9421, SignatureStyle.CAVAGE, SignatureStyle.CAVAGE]
    assert [style(post) for post in node.sink.received] == styles


async def test_s146_a_challenge_is_met(node: Outbound, rsa_keys: tuple[SigningKey, ...]) -> None:
    asked = 'theirs=("@authority" "content-type");created;nonce="once";tag="activitypub"'

    def challenging(post: Received) -> Reply:
        if 'nonce="once"' in post.headers.get("signature-input", ""):
            return Reply(202, {})
        return Reply(401, {"Accept-Signature": asked})

    node.sink.answer = challenging
    await node.publish()
    await node.settle()

    _, second = node.sink.received
    claim = read_signature(second.signed)
    assert {"@authority", "content-type", "@method", "@target-uri", "content-digest"} == set(
        claim.components
    )
    assert claim.tag == "activitypub"
    verify(
        second.signed,
        claim,
        rsa_keys[0].public,
        now=node.clock.now(),
        hosts=frozenset({second.host}),
        scheme="http",
    )
    assert (await node.counts())["delivered"] == 1


async def test_s146_a_challenge_that_cannot_be_met_is_answered_as_usual(node: Outbound) -> None:
    node.sink.answer = lambda post: Reply(401, {"Accept-Signature": 'x=("cookie")'})
    await node.publish()
    await node.settle()
    assert [style(post) for post in node.sink.received] == [
        SignatureStyle.CAVAGE,
        SignatureStyle.RFC9421,
    ]
