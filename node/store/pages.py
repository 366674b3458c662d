"""The counters that tell a cached page whether it is still true."""

from node.store.database import Session


def versions(session: Session) -> tuple[int, int]:
    """Versions of what we publish and of what neighbours published; each change raises one."""
    local, neighbours = session.rows("SELECT version FROM page_version ORDER BY section")
    return local["version"], neighbours["version"]
