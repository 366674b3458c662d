"""What other groups publish, on our pages: with its source, its clocks and a way to the original."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bs4 import BeautifulSoup

from node.domain.event import EventStatus
from node.domain.neighbour import NeighbourPost, PostKind
from node.store import cohosting, following, neighbours, replies
from node.store.cohosting import Cohosting, CohostState
from node.store.database import Session
from node.store.following import FollowState
from tests.conftest import NOW
from tests.federation.samples import a_reply
from tests.web.served import Browser, Served

BERLIN = "https://berlin.example/group"
POST = NeighbourPost(
    id="https://berlin.example/events/kreis",
    actor_id=BERLIN,
    author=BERLIN,
    kind=PostKind.EVENT,
    url="https://berlin.example/events/kreis",
    title="Kreis im Wald <b>",
    content="<p>Wir gehen.</p>",
    summary="",
    language="de",
    status=EventStatus.SCHEDULED,
    start=datetime(2027, 4, 2, 16, tzinfo=UTC),
    end=datetime(2027, 4, 2, 18, tzinfo=UTC),
    timezone="Europe/Berlin",
    utc_offset=None,
    place="Grunewald",
    online_url=None,
    listed=True,
    published=NOW,
    updated=NOW,
    received=NOW,
)
NOTE = replace(
    POST,
    id="https://berlin.example/notes/1",
    url="https://berlin.example/notes/1",
    kind=PostKind.NOTE,
    title="",
    content="<p>Danke <script>alert(1)</script>an alle.</p>",
    start=None,
    end=None,
    timezone=None,
)


async def follow(served: Served, *posts: NeighbourPost) -> None:
    def work(session: Session) -> None:
        following.put(
            session,
            actor_id=BERLIN,
            handle="kreis@berlin.example",
            inbox=BERLIN + "/inbox",
            follow_id=served.url + "/activities/1",
            now=NOW,
        )
        following.set_state(session, BERLIN, FollowState.ACCEPTED, NOW)
        for post in posts:
            neighbours.put(session, post)

    await served.node.database.write(work)


async def test_a_neighbours_gathering_is_told_with_its_clocks_and_source(served: Served) -> None:
    await follow(served, POST)
    for path in ("/neighbours", "/"):
        page = (await served.browser.get(path)).text
        assert "Kreis im Wald &lt;b&gt;" in page
        assert "Friday 2 April 2027" in page
        assert "18:00–20:00" in page
        assert 'Berlin time (<bdi class="whole" dir="ltr">CEST, UTC+02:00</bdi>)' in page
        assert "Grunewald" in page
        assert "kreis@berlin.example" in page
        assert 'href="https://berlin.example/events/kreis"' in page


async def test_a_gathering_without_a_zone_is_told_with_its_offset(served: Served) -> None:
    offset = replace(POST, timezone=None, utc_offset=330)
    days = replace(
        POST,
        id="https://berlin.example/events/days",
        timezone=None,
        start=datetime(2027, 4, 9, tzinfo=UTC),
        end=datetime(2027, 4, 11, tzinfo=UTC) - timedelta(seconds=1),
    )
    await follow(served, offset, days)
    page = (await served.browser.get("/neighbours")).text
    assert "21:30–23:30" in page
    assert "UTC+05:30" in page
    assert "Friday 9 April 2027 to Saturday 10 April 2027" in page


async def test_notes_are_excerpts_of_plain_text(served: Served) -> None:
    await follow(served, NOTE, replace(NOTE, id=NOTE.id + "2", summary="loss"))
    page = (await served.browser.get("/neighbours")).text
    assert "Danke an alle." in page
    assert "Content note: loss" in page
    assert "alert" not in page


async def test_what_is_over_cancelled_or_unlisted(served: Served) -> None:
    past = replace(
        POST, id=POST.id + "-past", start=NOW - timedelta(days=2), end=NOW - timedelta(days=1)
    )
    off = replace(POST, id=POST.id + "-off", title="Abgesagt", status=EventStatus.CANCELLED)
    hidden = replace(POST, id=POST.id + "-hidden", title="Versteckt", listed=False)
    await follow(served, past, off, hidden)
    soup = BeautifulSoup((await served.browser.get("/neighbours")).text, "html.parser")
    assert "Cancelled" in soup.text
    assert "Versteckt" not in soup.text
    assert soup.text.count("Kreis im Wald") == 0


async def test_following_and_unfollowing_show_at_once(served: Served, steward: Browser) -> None:
    await follow(served, POST)
    assert "kreis@berlin.example" in (await steward.get("/desk/neighbours")).text
    assert "Kreis im Wald" in (await steward.get("/neighbours")).text
    answer = await steward.post("/desk/neighbours/unfollow", {"id": BERLIN})
    assert answer.headers["Location"].endswith("done=unfollowed")
    assert "Kreis im Wald" not in (await steward.get("/neighbours")).text
    again = await steward.post("/desk/neighbours/unfollow", {"id": BERLIN})
    assert again.headers["Location"].endswith("done=same")


async def test_what_is_held_together_is_called_by_its_title(
    served: Served, steward: Browser
) -> None:
    await follow(served, POST)

    def offers(session: Session) -> None:
        for event, ours in (("spring-day", True), (POST.id, False), ("gone-since", True)):
            one = Cohosting(
                event=event,
                actor_id=BERLIN,
                name="",
                offer_id=f"{event}#offer",
                inbox=BERLIN + "/inbox",
                ours=ours,
                state=CohostState.PENDING,
            )
            cohosting.put(session, one, NOW)

    await served.node.database.write(offers)
    page = BeautifulSoup((await steward.get("/desk/neighbours")).text, "html.parser")
    shown = [link.get_text() for link in page.select("section[aria-labelledby=h-together] li a")]
    assert sorted(shown) == sorted([POST.title, "Spring Spiral: a day of practice", "gone-since"])


async def test_replies_are_shown_only_once_accepted(served: Served, steward: Browser) -> None:
    def reply(session: Session, number: int, *, public: bool) -> None:
        reply = a_reply(
            f"https://berlin.example/notes/{number}",
            served.url + "/reflections/moss",
            content=f'<p>Merci {number} <a href="https://berlin.example">x</a><img src="y"></p>',
            public=public,
            published=NOW,
        )
        replies.add(session, reply, now=NOW)

    await served.node.database.write(lambda session: reply(session, 1, public=True))
    await served.node.database.write(lambda session: reply(session, 2, public=False))
    page = (await steward.get("/desk/replies")).text
    assert "Merci 1" in page
    assert "for the group only" in page
    assert "Merci 1" not in (await steward.get("/reflections/moss")).text
    for number in (1, 2):
        one = {"id": f"https://berlin.example/notes/{number}", "decision": "accept"}
        await steward.post("/desk/replies", one)
    steward.http.cookie_jar.clear()
    served.clock.advance(minutes=1)
    page = (await steward.get("/reflections/moss")).text
    assert "Merci 1" in page
    assert "Merci 2" not in page
    assert "<img" not in page


async def test_a_session_leads_to_its_series_and_to_the_same_at_another_hour(
    served: Served,
) -> None:
    dawn = replace(
        POST,
        id="https://berlin.example/events/dawn",
        url="https://berlin.example/events/dawn",
        title="Kreis am Morgen",
        start=datetime(2027, 4, 3, 5, tzinfo=UTC),
        end=None,
    )
    ours = f"{served.url}/events/spring-day"
    elsewhere = "https://sydney.example/events/night"
    session = replace(
        POST, series="https://berlin.example/events/kreise", siblings=(dawn.id, ours, elsewhere)
    )
    await follow(served, dawn, session)
    for path in ("/neighbours", "/"):
        page = BeautifulSoup((await served.browser.get(path)).text, "html.parser")
        links = {link["href"]: link.get_text() for link in page.select("article a")}
        assert links[session.series].startswith("Series: all dates"), path
        assert links[dawn.id] == "Kreis am Morgen"
        assert links[ours] == "Spring Spiral: a day of practice"
        assert links[elsewhere] == "sydney.example"
        assert "Saturday 3 April 2027 07:00 Berlin time (CEST, UTC+02:00)" in page.get_text()


async def test_a_steward_sent_here_by_another_site_finds_its_group_filled_in(
    served: Served, steward: Browser
) -> None:
    """What our WebFinger offers for following (FEP-3b86) leads to the desk."""
    page = await steward.get("/desk/neighbours?target=https%3A%2F%2Fhills.example%2F%22%3Egroup")
    assert page.status == 200
    assert 'value="https://hills.example/&#34;&gt;group"' in page.text
