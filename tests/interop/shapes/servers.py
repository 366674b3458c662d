"""The servers that members and neighbours live on, one row each.

Taken from what their sources send: Mastodon 4.3 to 4.6, GoToSocial 0.20, Misskey 2025.4, Pleroma 2.7,
Lemmy 1.0, Pixelfed 0.12, Mobilizon 5.1, gancio 1.21, Friendica 2024.09, the WordPress plugin, Fedify 1.5.
"""

from tests.federation.peer import AS2, SECURITY
from tests.interop.asking import LD
from tests.interop.shapes import habits
from tests.interop.shapes.signing import Cavage, Rfc9421
from tests.interop.shapes.software import Software

MASTODON = Software(
    name="mastodon",
    version="4.6.5",
    accept=f"application/activity+json, {LD}, text/html;q=0.1",
    user_agent="http.rb/5.3.1 (Mastodon/4.6.5)",
    signing=Cavage(post="(request-target) host date digest content-type"),
    actor=habits.mastodon_actor,
    activity=habits.mastodon_activity,
    note=habits.mastodon_note,
    context=[AS2, SECURITY, habits.TOOT],
)
GOTOSOCIAL = Software(
    name="gotosocial",
    version="0.20.0",
    shared_inbox=None,
    key_id="{actor}/main-key",
    activity_id="{actor}/{kind}/01H{number}",
    note_id="{actor}/statuses/01H{number}",
    accept=f"{LD}, application/activity+json",
    user_agent="gotosocial/0.20.0",
    signing=Cavage(algorithm="hs2019"),
    actor=habits.gotosocial_actor,
    activity=habits.gotosocial_activity,
    note=habits.gotosocial_note,
    delete_as="id",
)
MISSKEY = Software(
    name="misskey",
    version="2025.4.0",
    actor_id="{here}/users/9x7a{name}",
    activity_id="{here}/{kind}s/9x7b%2D{number}",
    note_id="{here}/notes/9x7c{number}",
    context=habits.MISSKEY_CONTEXT,
    accept="application/activity+json, application/ld+json",
    signing=Cavage(
        post="(request-target) date host digest",
        get="(request-target) date host accept",
        query=False,
    ),
    actor=habits.misskey_actor,
    activity=habits.misskey_activity,
    note=habits.misskey_note,
)
PLEROMA = Software(
    name="pleroma",
    version="2.7.1",
    activity_id="{here}/activities/{kind}-{number}",
    note_id="{here}/objects/{number}",
    profile="{here}/users/{name}",
    signing=Cavage(
        post="(request-target) content-length date digest host",
        get="(request-target) date host",
        query=False,
    ),
    actor=habits.pleroma_actor,
    activity=habits.pleroma_activity,
    note=habits.pleroma_note,
    delete_as="id",
)
LEMMY = Software(
    name="lemmy",
    version="1.0.0-beta.1",
    actor_id="{here}/u/{name}",
    group_id="{here}/c/{name}",
    profile="{actor}",
    activity_id="{here}/activities/{kind}/{number}",
    note_id="{here}/comment/{number}",
    signing=Cavage(
        post="(request-target) content-type date digest host",
        get="(request-target) date host",
        algorithm="hs2019",
    ),
    actor=habits.lemmy_actor,
    activity=habits.lemmy_activity,
    note=habits.lemmy_note,
    delete_as="id",
)
PIXELFED = Software(
    name="pixelfed",
    version="0.12.4",
    reads_events=False,
    shared_inbox="{here}/f/inbox",
    profile="{here}/{name}",
    activity_id="{actor}#{kind}/{number}",
    note_id="{here}/p/{name}/{number}",
    accept=LD,
    content_type=LD,
    signing=Cavage(
        post="(request-target) date host digest content-type user-agent",
        get="(request-target) date host",
        parameters="keyId headers algorithm signature",
        query=False,
    ),
    actor=habits.pixelfed_actor,
    note=habits.pixelfed_note,
)
MOBILIZON = Software(
    name="mobilizon",
    version="5.1.3",
    actor_id="{here}/@{name}",
    group_id="{here}/@{name}",
    activity_id="{here}/{kind}/6f0c-{number}",
    note_id="{here}/comments/6f0c-{number}",
    signing=PLEROMA.signing,
    actor=habits.mobilizon_actor,
    activity=habits.mobilizon_activity,
    delete_as="id",
)
GANCIO = Software(
    name="gancio",
    version="1.28.1",
    kind="Application",
    actor_id="{here}/federation/u/{name}",
    shared_inbox=None,
    activity_id="{here}/federation/m/{number}#{kind}",
    note_id="{here}/federation/m/{number}",
    accept=LD,
    content_type=LD,
    actor=habits.gancio_actor,
    signing=Cavage(query=False),
    delete_as="id",
)
FRIENDICA = Software(
    name="friendica",
    version="2024.09",
    actor_id="{here}/profile/{name}",
    inbox="{here}/inbox/{name}",
    profile="{actor}",
    activity_id="{here}/activity/{number}/{kind}",
    note_id="{here}/objects/ec05-{number}",
    accept=f"{LD}, application/activity+json",
    signing=Cavage(post="(request-target) date content-length digest host"),
    activity=habits.friendica_activity,
    note=habits.friendica_note,
)
WORDPRESS = Software(
    name="wordpress",
    version="6.8",
    actor_id="{here}/author/{name}/",
    inbox="{here}/wp-json/activitypub/1.0/users/{name}/inbox",
    shared_inbox="{here}/wp-json/activitypub/1.0/inbox",
    profile="{here}/author/{name}/",
    activity_id="{actor}#{kind}-{number}",
    note_id="{here}/?p={number}",
    content_type="application/activity+json; charset=utf-8",
    user_agent="WordPress/6.8; ActivityPub",
    actor=habits.wordpress_actor,
)
FEDIFY = Software(
    name="fedify",
    version="1.5.9",
    activity_id="{here}/activities/{kind}/{number}",
    note_id="{actor}/posts/{number}",
    accept=f"application/activity+json, {LD}",
    user_agent="Fedify/1.5.9",
    signing=Rfc9421(),
    actor=habits.fedify_actor,
)

SERVERS = (
    *(MASTODON, GOTOSOCIAL, MISSKEY, PLEROMA, LEMMY, PIXELFED),
    *(MOBILIZON, GANCIO, FRIENDICA, WORDPRESS, FEDIFY),
)
