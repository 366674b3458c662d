"""Groups around us on our pages: listed where the group agreed, suggested at the desk, one tap to follow."""

import json
import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from node.domain import starter_list
from node.domain.known_group import GroupProfile, Spot
from node.ports import RemoteActor
from node.store import actors, following, groups, known_groups
from node.store.database import Session
from node.store.following import FollowState
from tests.conftest import NOW
from tests.federation.peer import Peer
from tests.web.served import Browser, Served

HERE = Spot(38.1, -122.8)
BERLIN = GroupProfile(
    id="https://berlin.example/group",
    name="Hinterhofkreis <b>",
    url="https://berlin.example/group",
    languages=("de", "en"),
    place="Berlin",
    spot=Spot(52.5, 13.4),
    stands_with=None,
    listed=True,
)
FOREST = GroupProfile(
    id="https://forest.example/group",
    name="Forest circle",
    url="https://forest.example/group",
    languages=("es",),
    place="",
    spot=Spot(38.3, -122.3),
    stands_with=None,
    listed=True,
)


def an_actor(profile: GroupProfile) -> RemoteActor:
    return RemoteActor(
        id=profile.id,
        type="Group",
        handle="circle@" + profile.id.split("/")[2],
        name=profile.name,
        summary="",
        url=profile.url,
        inbox=profile.id + "/inbox",
        shared_inbox=None,
        outbox=None,
        upcoming=None,
        featured=None,
    )


def know(session: Session, profile: GroupProfile, *, followed: bool, through: str = "") -> None:
    """A group that was found; followed by us, or named by another one."""
    if followed:
        actors.put(session, an_actor(profile), NOW)
        following.put(
            session,
            actor_id=profile.id,
            handle="circle@" + profile.id.split("/")[2],
            inbox=profile.id + "/inbox",
            follow_id="https://here.example/activities/" + profile.name[:3],
            now=NOW,
        )
        following.set_state(session, profile.id, FollowState.ACCEPTED, NOW)
    known_groups.add(session, profile.id, NOW)
    known_groups.confirm(session, profile, None)
    known_groups.seen(session, profile.id, NOW, NOW)
    if through:
        known_groups.claim(session, through, profile.id)


async def prepare(served: Served, **more: object) -> None:
    """We follow Berlin, which stands with the Forest circle; our own group says where it is."""

    def work(session: Session) -> None:
        document = groups.get_document(session)
        groups.update(session, document | {"lat": 38.07, "lon": -122.81} | more, NOW)
        know(session, BERLIN, followed=True)
        know(session, FOREST, followed=False, through=BERLIN.id)

    await served.node.database.write(work)


def text(html: str) -> str:
    main = BeautifulSoup(html, "html.parser").main
    assert main is not None
    return re.sub(r"\s+", " ", main.get_text(" "))


async def test_nobody_sees_the_groups_before_the_hosts_agreed(served: Served) -> None:
    await prepare(served)
    assert (await served.browser.get("/groups")).status == 404

    await prepare(served, stands_publicly=False)
    assert (await served.browser.get("/groups")).status == 404
    neighbours = (await served.browser.get("/neighbours")).text
    assert "/groups" not in neighbours
    assert "Hinterhofkreis" not in neighbours


async def test_the_groups_we_stand_with_are_listed_with_languages_and_distance(
    served: Served,
) -> None:
    await prepare(served, stands_publicly=True)

    answer = await served.browser.get("/groups")

    shown = text(answer.text)
    assert "Hinterhofkreis <b>" in shown
    assert "Berlin" in shown
    assert "Deutsch , English" in shown  # each is isolated, for lines that run both ways
    assert "about 9100 km away" in shown
    assert "Forest circle" not in shown  # we do not follow it
    assert 'href="/groups"' in (await served.browser.get("/neighbours")).text


async def test_groups_are_chosen_by_language_and_distance(served: Served) -> None:
    await prepare(served, stands_publicly=True)
    await served.node.database.write(lambda session: know(session, FOREST, followed=True))
    everything = text((await served.browser.get("/groups")).text)
    assert "Forest circle" in everything

    near = text((await served.browser.get("/groups?km=50")).text)
    assert "Forest circle" in near
    assert "Hinterhofkreis" not in near
    german = text((await served.browser.get("/groups?language=de")).text)
    assert "Forest circle" not in german
    none = text((await served.browser.get("/groups?language=de&km=50")).text)
    assert "None of them fits" in none
    assert (await served.browser.get("/groups?km=x&language=%00")).status == 200


async def test_a_steward_sees_why_a_group_is_suggested(served: Served, steward: Browser) -> None:
    await prepare(served)

    shown = text((await steward.get("/desk/groups")).text)

    assert "Forest circle" in shown
    assert "Followed by Hinterhofkreis <b>." in shown
    assert "about 49 km away" in shown
    assert "Last seen on 14 March 2027." in shown
    assert "May others know which groups you stand with?" in shown
    assert "May others know" in text((await steward.get("/desk")).text)


async def test_what_is_not_for_us_is_out_of_sight_and_can_come_back(
    served: Served, steward: Browser
) -> None:
    await prepare(served)

    answer = await steward.post("/desk/groups/hide", {"id": FOREST.id})
    assert answer.status == 303
    page = BeautifulSoup((await steward.get("/desk/groups")).text, "html.parser")
    rows = page.select_one("section[aria-labelledby=h-list]")
    assert rows is not None
    assert "Forest circle" not in rows.get_text()

    await steward.post("/desk/groups/show", {"id": FOREST.id})
    page = BeautifulSoup((await steward.get("/desk/groups")).text, "html.parser")
    rows = page.select_one("section[aria-labelledby=h-list]")
    assert rows is not None
    assert "Forest circle" in rows.get_text()
    assert (await steward.post("/desk/groups/hide", {"id": "https://no.example/"})).status == 404


async def test_the_hosts_decide_once_and_may_change_their_mind(
    served: Served, steward: Browser
) -> None:
    await prepare(served)
    await steward.post("/desk/groups/tell", {"answer": "yes"})
    assert (await served.browser.get("/groups")).status == 200
    assert "May others know" not in text((await steward.get("/desk/groups")).text)

    await steward.post("/desk/groups/tell", {"answer": "no"})
    assert (await served.browser.get("/groups")).status == 404
    shown = text((await steward.get("/desk/groups")).text)
    assert "Nobody is told which groups you stand with." in shown


async def test_one_press_asks_to_follow(served: Served, steward: Browser) -> None:
    async with Peer.start(clock=served.clock.now) as peer:
        fern = peer.actor("fern", type="Group")
        answer = await steward.post("/desk/groups/follow", {"id": fern.id})
        assert answer.status == 303
        found = await served.node.database.read(following.every)
        assert [one.actor_id for one in found] == [fern.id]
        answer = await steward.post("/desk/groups/follow", {"id": peer.url("/nobody")})
        assert answer.status == 422


async def test_the_list_can_be_passed_on_as_a_file(served: Served) -> None:
    assert (await served.browser.get("/groups.json")).status == 404
    await prepare(served, stands_publicly=True)

    answer = await served.browser.get("/groups.json")
    told = starter_list.read(json.loads(answer.text))

    assert [one.address for one in told.entries] == [f"{served.url}/group", BERLIN.id]


async def test_a_list_is_looked_at_first_and_then_followed_in_one_step(
    served: Served, steward: Browser
) -> None:
    await prepare(served)
    async with Peer.start(clock=served.clock.now) as peer:
        fern, moss = peer.actor("fern", type="Group"), peer.actor("moss", type="Group")
        given = {
            "format": "groups",
            "version": 1,
            "name": "Friends <b>",
            "groups": [
                {"id": fern.id, "name": "Fern circle"},
                f"@{moss.handle}",
                BERLIN.id,
                f"{served.url}/group",
                peer.url("/users/nobody"),
            ],
        }
        peer.serve("/groups.json", json.dumps(given), content_type="application/json")

        shown = await steward.post("/desk/groups/list", {"list": peer.url("/groups.json")})
        assert shown.status == 200
        assert "Friends <b>" in text(shown.text)
        page = BeautifulSoup(shown.text, "html.parser")
        boxes = [str(one["value"]) for one in page.select("input[name=group]")]
        assert [one.partition(" ")[0] for one in boxes] == [
            fern.id,
            f"@{moss.handle}",
            peer.url("/users/nobody"),
        ]
        assert "you follow it, or have asked" in text(shown.text)
        assert "this is you" in text(shown.text)
        followed = await served.node.database.read(following.every)
        assert [one.actor_id for one in followed] == [BERLIN.id]  # nobody was asked yet

        done = await steward.post("/desk/groups/list/follow", {"group": boxes})
        assert "Fern circle" in text(done.text)
        followed = await served.node.database.read(following.every)
        assert {one.actor_id for one in followed} == {BERLIN.id, fern.id, moss.id}
        again = await steward.post("/desk/groups/list", {"list": json.dumps(given)})
        assert text(again.text).count("you follow it, or have asked") == 3


@pytest.mark.parametrize(
    "given",
    ["", "{", '{"format": "groups", "version": 9}', "[" * 500, "http://127.0.0.1:9/x", "hello"],
)
async def test_what_is_no_list_is_refused_in_one_sentence(
    served: Served, steward: Browser, given: str
) -> None:
    answer = await steward.post("/desk/groups/list", {"list": given})
    assert answer.status == 422
    assert "Almost there" in answer.text


async def test_a_list_can_be_a_file_of_bounded_size(served: Served, steward: Browser) -> None:
    given = {"format": "groups", "version": 1, "groups": [FOREST.id]}
    path, kind = "/desk/groups/list", "application/json"
    text_of = json.dumps(given).encode()
    taken = await steward.give(path, {"list": ""}, text_of, name="friends.json", kind=kind)
    assert taken.status == 200
    assert FOREST.id in taken.text
    hostile = (b"\x89PNG\r\n\x1a\n\xff", b"[" * 5000, b" " * 2_000_000, b"\x00" * 13_000_000)
    for content in hostile:
        refused = await steward.give(path, {"list": ""}, content, name="<b>.json", kind=kind)
        assert refused.status == 422
        assert "Almost there" in refused.text


async def test_the_map_shows_each_group_once_and_leads_into_the_list(served: Served) -> None:
    await prepare(served, stands_publicly=True)
    near = replace(FOREST, id="https://near.example/group", name="Next door")
    await served.node.database.write(lambda session: know(session, FOREST, followed=True))
    await served.node.database.write(lambda session: know(session, near, followed=True))

    page = BeautifulSoup((await served.browser.get("/groups")).text, "html.parser")

    dots = page.select(".map a")
    assert [one["aria-label"] for one in dots] == [
        "Forest circle · Next door",
        "Hinterhofkreis <b>",
    ]
    for dot in dots:
        entry = page.select_one(str(dot["href"]))
        assert entry is not None
        assert str(dot["aria-label"]).partition(" · ")[0] in entry.get_text()
    assert dots[0].get_text() == "2"
    assert page.select_one(".map .here") is not None


async def test_no_map_is_drawn_where_nobody_says_where_it_is(served: Served) -> None:
    await prepare(served, stands_publicly=True)
    await served.node.database.write(
        lambda session: known_groups.confirm(session, replace(BERLIN, spot=None), None)
    )
    assert '<figure class="map"' not in (await served.browser.get("/groups")).text


async def test_who_followed_an_old_address_by_hand_is_led_to_the_new_one(
    served: Served, steward: Browser
) -> None:
    await prepare(served)
    async with Peer.start(clock=served.clock.now) as peer:
        knows = peer.actor("new", type="Group", alsoKnownAs=[BERLIN.id])
        strange = peer.actor("strange", type="Group")
        for target, left in ((strange, {BERLIN.id, strange.id}), (knows, {strange.id, knows.id})):
            fields = {"target": target.id, "instead_of": BERLIN.id}
            assert (await steward.post("/desk/neighbours/follow", fields)).status == 303
            followed = await served.node.database.read(following.every)
            assert {one.actor_id for one in followed} == left
        again = {"target": knows.id, "instead_of": BERLIN.id}
        assert (await steward.post("/desk/neighbours/follow", again)).status == 303
