"""`follow`, `unfollow`, `following`, `followers`: our neighbours, and who follows us."""

from collections.abc import Mapping
from typing import Any

from federation.list_fetcher import ListFetcher
from node import starter_lists
from node.app import Node
from node.commands.printing import as_json, columns
from node.control import Outcome
from node.errors import NotFoundError, RefusedError
from node.services import follows
from node.starter_lists import Standing
from node.store.follow_requests import FollowRequest
from node.store.followers import Follower
from node.store.following import Following

WHO = "command line"  # in the log of decisions


async def run(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """One of the four; `target` makes it follow or unfollow. Raises what finding an actor raises."""
    match arguments["verb"]:
        case "follow" if arguments.get("list"):
            return await _follow_list(node, arguments, stdin)
        case "follow":
            return await _follow(node, arguments["target"], json=arguments["json"])
        case "unfollow":
            return await _unfollow(node, arguments["target"], json=arguments["json"])
        case "following":
            listed = [_neighbour(one) for one in await node.database.read(follows.following)]
            return _print(listed, "The group follows nobody yet.", json=arguments["json"])
        case _:
            return await _followers(node, arguments)


async def _followers(node: Node, arguments: Mapping[str, Any]) -> Outcome:
    """Let somebody in or send them away, if asked to; then, or else, the list."""
    target = arguments["accept"] or arguments["decline"]
    if target:
        decide = follows.let_in if arguments["accept"] else follows.turn_away
        actor_id, now = await _who(node, target), node.clock.now()
        await node.database.write(lambda session: decide(session, actor_id, now=now, who=WHO))
    waiting, here = await node.database.read(
        lambda session: (follows.waiting(session), follows.followers(session))
    )
    listed = [_follower(one, "pending") for one in waiting]
    listed += [_follower(one, "accepted") for one in here]
    return _print(listed, "Nobody follows the group yet.", json=arguments["json"])


async def _who(node: Node, target: str) -> str:
    """The id of a follower, or of who waits to be one, by id or handle; the network is not asked."""
    waiting, here = await node.database.read(
        lambda session: (follows.waiting(session), follows.followers(session))
    )
    everyone: list[FollowRequest | Follower] = [*waiting, *here]
    for one in everyone:
        if target == one.actor_id or (one.handle and target.removeprefix("@") == one.handle):
            return one.actor_id
    raise NotFoundError(f"{target} neither follows the group nor waits to.")


async def _follow(node: Node, target: str | None, *, json: bool) -> Outcome:
    if not target:
        raise RefusedError("Say whom to follow: @group@host, or --list with a list of groups.")
    actor = await node.resolver.find(target)
    now = node.clock.now()
    neighbour = await node.database.write(
        lambda session: follows.request(session, actor, urls=node.urls, now=now, who=WHO)
    )
    if json:
        return Outcome(stdout=as_json(_neighbour(neighbour)))
    return Outcome(stdout=f"Asked {_at(actor.handle)} whether we may follow.\n")


async def _follow_list(node: Node, arguments: Mapping[str, Any], stdin: bytes) -> Outcome:
    """Ask every group of a list that is new to us; with `dry_run` only say who is on it."""
    if arguments["target"]:
        raise RefusedError("Give a group or a list to follow, not both.")
    given = stdin or arguments["list"].encode()
    found = await starter_lists.read(ListFetcher(node.client), given)
    standings = await node.database.read(
        lambda session: starter_lists.standings(session, found.entries, node.urls)
    )
    marked = dict(zip(found.entries, standings, strict=True))
    asked: list[starter_lists.Asked] = []
    if not arguments["dry_run"]:
        new = [entry for entry, standing in marked.items() if standing is Standing.NEW]
        asked = await starter_lists.follow_all(
            node.resolver, node.database, new, clock=node.clock, urls=node.urls, who=WHO
        )
    became = {one.entry: one.problem or "asked" for one in asked}
    rows = [
        {"address": entry.address, "name": entry.name, "state": became.get(entry, standing)}
        for entry, standing in marked.items()
    ]
    if arguments["json"]:
        return Outcome(stdout=as_json({"name": found.name, "groups": rows}))
    return Outcome(
        stdout=columns([(one["name"], one["address"], one["state"]) for one in rows], "")
    )


async def _unfollow(node: Node, target: str, *, json: bool) -> Outcome:
    neighbour = await _known(node, target)
    now = node.clock.now()
    await node.database.write(
        lambda session: follows.stop(session, neighbour.actor_id, now=now, who=WHO)
    )
    if json:
        return Outcome(stdout=as_json(_neighbour(neighbour)))
    return Outcome(stdout=f"No longer following {_at(neighbour.handle)}.\n")


async def _known(node: Node, target: str) -> Following:
    """The neighbour that is meant; the network is asked only where the name is none we know.

    A neighbour whose server has gone must still be one that can be left.
    """
    found = await node.database.read(follows.following)
    for neighbour in found:
        if target in (neighbour.actor_id, neighbour.handle) or target == _at(neighbour.handle):
            return neighbour
    actor = await node.resolver.find(target)
    for neighbour in found:
        if neighbour.actor_id == actor.id:
            return neighbour
    raise NotFoundError(f"The group does not follow {target}.")


def _print(listed: list[dict[str, str]], empty: str, *, json: bool) -> Outcome:
    if json:
        return Outcome(stdout=as_json(listed))
    return Outcome(
        stdout=columns([(one["handle"], one["state"], one["id"]) for one in listed], empty)
    )


def _neighbour(one: Following) -> dict[str, str]:
    return {"id": one.actor_id, "handle": _at(one.handle), "state": one.state}


def _follower(one: Follower | FollowRequest, state: str) -> dict[str, str]:
    handle = _at(one.handle) if one.handle else ""
    return {"id": one.actor_id, "handle": handle, "state": state}


def _at(handle: str) -> str:
    """A handle as it is written, and as the command takes it: `@group@host`."""
    return f"@{handle.removeprefix('@')}"
