"""What others said to the node of the pages' tests: waiting, shown, answered, quoted, liked."""

from datetime import timedelta

from node.ports import RemoteActor
from node.services import conversation, sharing
from node.store import actors, replies, stamps, witnesses
from node.store.database import Session
from node.store.stamps import Stamp, StampKind, StampState
from node.store.witnesses import Witness
from node.urls import Urls
from tests.conftest import NOW
from tests.federation.samples import a_reply

ANA = "https://peer.example/u/ana"
WORDS = (
    '<p>We walked home slowly. <a href="https://a-very-long-name.example/a/very/long/address/that/'
    'nobody/can/break/into/lines">https://a-very-long-name.example/a/very/long/address/that/nobody/</a></p>'
)


def fill(session: Session, origin: str) -> None:
    """One of everything that a steward can meet."""
    urls = Urls(origin)
    day, moss = urls.event("spring-day"), urls.reflection("moss")
    ana = RemoteActor(
        id=ANA,
        type="Person",
        handle="ana@peer.example",
        name="Ana Reed",
        summary="",
        url=None,
        inbox=ANA + "/inbox",
        shared_inbox=None,
        outbox=None,
        upcoming=None,
        featured=None,
    )
    actors.put(session, ana, NOW)
    for number, (root, more) in enumerate(
        (
            (day, {"passable": True}),
            (moss, {}),
            (None, {"passable": True}),
            (None, {"public": False}),
            (None, {"quotes": moss}),
            (day, {"passable": True}),
        )
    ):
        reply = a_reply(f"{ANA}/n/{number}", root, content=WORDS, published=NOW, **more)
        replies.add(session, reply, now=NOW + timedelta(seconds=number))
    shown, asked = f"{ANA}/n/5", f"{ANA}/n/2"
    conversation.accept(session, shown, pass_on=True, who="Ana", urls=urls, now=NOW)
    conversation.comment(session, shown, "Welcome!\n\nBring boots.", who="Ana", urls=urls, now=NOW)
    sharing.ask(session, asked, who="Ana", now=NOW)
    for number, state in enumerate((StampState.PENDING, StampState.GIVEN)):
        stamps.put(
            session,
            Stamp(
                id=f"stamp-{number}",
                kind=StampKind.QUOTE,
                actor_id=ANA,
                inbox=ANA + "/inbox",
                target=moss,
                interacting=f"{ANA}/q/{number}",
                request={"type": "QuoteRequest"},
                content=WORDS,
                state=state,
                created=NOW,
            ),
        )
    like = Witness(activity_id=ANA + "/l", actor_id=ANA, object_id=moss, kind="like", created=NOW)
    witnesses.add(session, like)
