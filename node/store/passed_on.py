"""Which neighbours pass a post on to us, whoever it reached us from first.

A post is shown for the sake of one neighbour, its `actor_id`. When that one is followed no longer, takes it back or is
blocked, another that passes it on takes its place; where there is none it goes out of sight with them.
"""

from node.store.database import Session

# The first by id, so that it is the same whenever it is asked.
_ANOTHER = (
    "SELECT min(passed_on.actor_id) FROM passed_on JOIN following USING (actor_id)"
    " WHERE post_id = neighbour_post.id AND following.state <> 'rejected'"
    " AND passed_on.actor_id <> neighbour_post.actor_id"
)


def note(session: Session, post_id: str, actor_id: str) -> None:
    """Note that a neighbour passes on a post that is kept here."""
    session.run(
        "INSERT INTO passed_on (post_id, actor_id) SELECT id, :actor FROM neighbour_post WHERE id = :post"
        " ON CONFLICT DO NOTHING",
        {"post": post_id, "actor": actor_id},
    )


def take_back(session: Session, post_id: str, actor_id: str) -> bool:
    """A neighbour passes it on no longer; whether it did."""
    values = {"post": post_id, "actor": actor_id}
    sql = "DELETE FROM passed_on WHERE post_id = :post AND actor_id = :actor"
    return session.run(sql, values) > 0


def hand_on(session: Session, actor_id: str, post_id: str | None = None) -> int:
    """Have what came from a neighbour come from another that passes it on: all of it, or one post; how many."""
    return session.run(
        f"UPDATE neighbour_post SET actor_id = ({_ANOTHER})"  # noqa: S608 - our own text
        f" WHERE actor_id = :actor AND (:post IS NULL OR id = :post) AND ({_ANOTHER}) IS NOT NULL",
        {"actor": actor_id, "post": post_id},
    )


def forget(session: Session, actor_id: str) -> None:
    """A neighbour is one no longer: what it passes on does not count."""
    session.run("DELETE FROM passed_on WHERE actor_id = :actor", {"actor": actor_id})


def move(session: Session, old: str, new: str) -> None:
    """A neighbour moved: what it passed on it passes on from where it lives now."""
    session.run(
        "INSERT INTO passed_on (post_id, actor_id) SELECT post_id, :new FROM passed_on"
        " WHERE actor_id = :old ON CONFLICT DO NOTHING",
        {"old": old, "new": new},
    )
    forget(session, old)
