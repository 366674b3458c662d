"""The words of the command line: every subcommand, its arguments and its line of help.

Only argparse is imported here, so that a command which a running server answers starts in no time.
Each parser sets `reads` or `writes` to the name of the argument that names a file; the process of the
command opens that file itself, with its own rights and from its own directory.
"""

import argparse
from typing import Any

_FILE = "a JSON document of the exchange format; “-” reads standard input"
_TARGET = "@group@host, the URL of an actor or of its profile page"
_LIST = "follow all groups of a list: its address, a file, or “-”"
_CALENDAR = "an iCalendar file, “-”, or the address of one (https, http, webcal)"
_PERSON = "@name@host, or the URL of an actor"
_ROLES = ("steward", "organiser", "care")
_WHAT_ROLES_DO = "steward: everything (default); organiser: publishes, keeps the lists; care: concerns, replies, blocks"
_DATA = "directory of the node (default: $ROUGHWEATHER_DATA, else ./data)"


def build() -> argparse.ArgumentParser:
    """The whole parser. Parsed options always carry `command`, `data`, `reads` and `writes`."""
    parser = argparse.ArgumentParser(
        prog="roughweather",
        description="A light ActivityPub node for a local group: events, reflections, neighbours.",
        epilog="Exit codes: 0 done, 1 refused or failed, 2 wrong usage.",
    )
    parser.add_argument("--data", metavar="DIR", help=_DATA)
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    parser.set_defaults(reads=None, writes=None)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for declare in (_life, _content, _neighbours, _identity, _care, _people):
        declare(commands)
    return parser


def _life(commands: Any) -> None:
    init = _command(commands, "init", "make a new node in DIR and print the first steward's link")
    init.add_argument(
        "--url", required=True, help="public address for ever: https://norcal.example"
    )
    init.add_argument(
        "--handle",
        required=True,
        help="the name in @HANDLE@host, for ever: a-z, 0-9, _",
    )
    init.add_argument("--name", required=True, help="name of the group")
    init.add_argument("--summary", help="what the group is, in a sentence or two")
    init.add_argument(
        "--language", metavar="TAG", action="append", help="en, pt-BR …; first = main"
    )
    init.add_argument("--timezone", metavar="ZONE", default="UTC", help="such as Europe/Brussels")
    init.add_argument("--steward", metavar="NAME", default="steward", help="who may sign in first")
    init.add_argument(
        "--allow-private-networks",
        action="store_true",
        help="for a local network or tests: allow an http:// address and private addresses",
    )

    serve = _command(commands, "serve", "run the node in the foreground")
    serve.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)"
    )
    serve.add_argument("--port", type=_port, default=8080, help="port to listen on (default: 8080)")
    serve.add_argument("--no-migrate", action="store_true", help="refuse an older schema instead")

    demo = _command(commands, "demo", "a throw-away network of nodes on this machine")
    demo.add_argument("--port", type=_port, default=8080, help="port of the first node")
    demo.add_argument(
        "--nodes",
        type=_count,
        default=3,
        metavar="N",
        help="how many, 1-10 (default: 3)",
    )
    demo.add_argument("--host", default="127.0.0.1", help="name of this machine in the addresses")
    demo.add_argument(
        "--keep", metavar="DIR", help="keep the nodes in DIR, and start them from there"
    )


def _content(commands: Any) -> None:
    event = _verbs(commands, "event", "the group's events")
    added = _verb(event, "add", "publish an event, print its slug, id and url")
    added.add_argument("--image", metavar="PICTURE", help="a picture, in place of one FILE names")
    added.add_argument("--alt", metavar="TEXT", help="what the picture shows, in words")
    _answering(added)
    edit = _verb(event, "edit", "change an event: the keys of FILE replace the event's")
    edit.add_argument("slug", metavar="SLUG")
    edit.add_argument(
        "--following",
        action="store_true",
        help="of a session: this one and all that follow it, as a series of their own",
    )
    _answering(edit)
    cancel = _verb(event, "cancel", "call an event off; it stays visible as cancelled")
    cancel.add_argument("slug", metavar="SLUG")
    cancel.add_argument("--reason", metavar="TEXT", help="shown to everyone")
    skip = _verb(event, "skip", "leave the date of one session out of its series")
    skip.add_argument("slug", metavar="SLUG")
    remove = _verb(event, "remove", "take an event away for good, a series with its sessions")
    remove.add_argument("slug", metavar="SLUG")
    _json(_verb(event, "list", "all events, soonest first, series with their sessions"))
    show = _verb(event, "show", "one event as it was written")
    show.add_argument("slug", metavar="SLUG")
    _json(show)

    reflection = _verbs(commands, "reflection", "the group's reflections")
    _answering(_verb(reflection, "add", "publish a reflection, print its slug, id and url"))
    withdraw = _verb(reflection, "withdraw", "take a reflection back for good")
    withdraw.add_argument("slug", metavar="SLUG")
    _json(_verb(reflection, "list", "all reflections, latest first"))
    shown = _verb(reflection, "show", "one reflection as it was written")
    shown.add_argument("slug", metavar="SLUG")
    _json(shown)

    picture = _verbs(commands, "picture", "pictures that documents show by their names")
    taken = _verb(picture, "add", "clean and keep a picture, print the name to show it by")
    taken.add_argument("--id", metavar="ID", default="", help="the id it had on another node")
    _answering(taken)

    imported = _command(commands, "import", "take in a whole exchange document")
    _reading(imported)
    imported.add_argument("--group", metavar="SLUG", help="which group of a document with several")
    imported.add_argument("--pictures", metavar="DIR", help="where the pictures it names lie")
    _json(imported)
    _calendars(commands)
    exported = _command(commands, "export", "write the group's content as one exchange document")
    exported.add_argument("file", metavar="FILE", help="“-” writes to standard output")
    exported.add_argument("--pictures", metavar="DIR", help="copy its pictures there")
    exported.add_argument("--public-only", action="store_true", help="leave out what is not public")
    exported.set_defaults(writes="file")


def _calendars(commands: Any) -> None:
    taken = _json(_command(commands, "import-ics", "take in the gatherings of a calendar file"))
    taken.add_argument("source", metavar="FILE_OR_URL", action=_FileOrAddress, help=_CALENDAR)
    taken.add_argument("--dry-run", action="store_true", help="say what would be done; do nothing")
    taken.add_argument("--keep", action="store_true", help="of an address: follow its changes")
    taken.add_argument(
        "--open-places",
        action="store_true",
        help="tell places and links to calls to everyone, not only to who was accepted",
    )
    taken.add_argument("--past", action="store_true", help="take what is over, too")
    calendar = _verbs(commands, "calendar", "calendars from elsewhere")
    _json(_verb(calendar, "list", "all that were taken in, and how they are doing"))
    for name, line in (
        ("show", "what became of each entry when it was last read"),
        ("read", "read a kept one now"),
        ("stop", "read it no more; its events stay"),
        ("resume", "read it again"),
        ("forget", "forget where its events came from; they stay"),
    ):
        _json(_verb(calendar, name, line)).add_argument("id", metavar="ID", type=_number)


def _cohosting(commands: Any) -> None:
    cohost = _verbs(commands, "cohost", "hold a gathering together with another group")
    offer = _json(_verb(cohost, "offer", "ask a group to hold one of ours together with us"))
    offer.add_argument("slug", metavar="SLUG")
    offer.add_argument("target", metavar="TARGET", help=_TARGET)
    agree = _json(_verb(cohost, "agree", "hold a neighbour's together with it"))
    agree.add_argument("event", metavar="ID", help="id of the gathering")
    end = _json(_verb(cohost, "end", "end it, take an offer back, or decline one"))
    end.add_argument("event", metavar="EVENT", help="slug of ours, or id of theirs")
    end.add_argument("target", metavar="TARGET", nargs="?", help=_TARGET)
    _json(_verb(cohost, "list", "what is held together, and what was offered"))


def _neighbours(commands: Any) -> None:
    follow = _json(_command(commands, "follow", "ask another group to send us what it publishes"))
    follow.add_argument("target", metavar="TARGET", nargs="?", help=_TARGET)
    follow.add_argument("--list", metavar="FILE_OR_URL", action=_FileOrAddress, help=_LIST)
    follow.add_argument("--dry-run", action="store_true", help="say who is on the list; ask nobody")
    unfollow = _json(_command(commands, "unfollow", "stop following"))
    unfollow.add_argument("target", metavar="TARGET", help=_TARGET)
    for name, line in (
        ("boost", "pass a neighbour's gathering on to our followers"),
        ("unboost", "take that back"),
    ):
        command = _command(commands, name, line)
        command.add_argument("target", metavar="URL", help="the gathering's id or its page")
        _json(command)
    _json(_command(commands, "boosts", "what we pass on"))
    _cohosting(commands)
    _json(_command(commands, "following", "whom our group follows"))
    _json(_command(commands, "neighbours", "how each group we follow is doing"))
    groups = _json(_command(commands, "groups", "groups found through our neighbours"))
    groups.add_argument(
        "--tell",
        choices=("yes", "no"),
        help="may everyone know which groups we stand with?",
    )
    groups.add_argument("--hide", metavar="ID", help="this group is not for us")
    groups.add_argument("--show", metavar="ID", help="suggest it again")
    followers = _json(_command(commands, "followers", "who follows our group, or waits to"))
    decision = followers.add_mutually_exclusive_group()
    decision.add_argument("--accept", metavar="TARGET", help="let in who waits")
    decision.add_argument("--decline", metavar="TARGET", help="send away who waits, or a follower")
    rsvps = _command(commands, "rsvps", "who is coming to an event")
    rsvps.add_argument("slug", metavar="SLUG")
    _json(rsvps)
    invite = _json(_command(commands, "invite", "invite somebody of another server to an event"))
    invite.add_argument("slug", metavar="SLUG")
    invite.add_argument("target", metavar="TARGET", help=_PERSON)
    invite.add_argument("--withdraw", action="store_true", help="take the invitation back")
    block = _command(commands, "block", "close the door to a server or an actor")
    block.add_argument("target", metavar="HOST_OR_ACTOR")
    block.add_argument("--reason", metavar="TEXT", help="for the stewards; nobody else sees it")
    unblock = _command(commands, "unblock", "open the door again")
    unblock.add_argument("target", metavar="HOST_OR_ACTOR")
    _json(_command(commands, "blocks", "what is blocked"))
    queue = _json(_command(commands, "queue", "deliveries to other servers, by state"))
    queue.add_argument("--retry", action="store_true", help="try what was given up once more")


def _identity(commands: Any) -> None:
    alias = _verbs(commands, "alias", "other names of the group, from which it may move here")
    for name, line in (
        ("add", "say that an actor elsewhere is the group too"),
        ("remove", "take such a name back"),
    ):
        _verb(alias, name, line).add_argument("id", metavar="ID", help=_TARGET)
    _json(_verb(alias, "list", "all other names"))
    move = _command(commands, "move", "tell followers, once, that the group lives elsewhere now")
    move.add_argument("target", metavar="TARGET", nargs="?", help=_TARGET)
    move.add_argument("--cancel", action="store_true", help="the group lives here again")
    keys = _verbs(commands, "keys", "the keys that sign what the node sends")
    rotate = _verb(keys, "rotate", "make new keys and tell everyone of them")
    rotate.add_argument(
        "--actor",
        choices=("group", "instance"),
        default="group",
        help="whose: the group's (default), or those of the node's own actor, which asks others",
    )
    _json(_verb(keys, "list", "which keys there are; never the secret halves"))
    retire = _command(commands, "retire", "say farewell to every other server, for good")
    retire.add_argument("--yes", action="store_true", help="yes, delete the group everywhere")


def _care(commands: Any) -> None:
    backup = _command(
        commands,
        "backup",
        "one consistent file of everything, also while the node runs",
    )
    backup.add_argument("file", metavar="FILE")
    restore = _command(
        commands, "restore", "make DIR from a backup; refuses a DIR that holds a node"
    )
    restore.add_argument("file", metavar="FILE")
    _json(_command(commands, "check", "validate configuration and data; changes nothing"))
    _json(
        _command(
            commands,
            "doctor",
            "prove from outside that the node works, and say what to fix",
        )
    )
    _json(_command(commands, "config", "the settings in force, secrets masked"))
    _command(commands, "migrate", "bring the database to this version's schema, after a copy")


def _people(commands: Any) -> None:
    steward = _verbs(commands, "steward", "people who may sign in at the desk")
    for name, line in (
        ("add", "add a steward and print a one-time link"),
        ("reset", "sign a steward out and print a new one-time link"),
    ):
        verb = _verb(steward, name, line)
        verb.add_argument("name", metavar="NAME")
        _json(verb)
        if name == "add":
            verb.add_argument("--role", choices=_ROLES, default=_ROLES[0], help=_WHAT_ROLES_DO)
    role = _verb(steward, "role", "let a steward do more or less")
    role.add_argument("name", metavar="NAME")
    role.add_argument("role", choices=_ROLES, help=_WHAT_ROLES_DO)
    remove = _verb(steward, "remove", "part with a steward; the last full one stays")
    remove.add_argument("name", metavar="NAME")
    _json(_verb(steward, "list", "all stewards"))
    audit = _json(_command(commands, "audit", "who decided what, when and why; latest first"))
    audit.add_argument("--who", metavar="NAME", help="of one steward; “command line”, “node”")
    audit.add_argument("--action", metavar="ACTION", help="of one kind, such as “block”")
    audit.add_argument("--limit", type=_number_of_lines, default=100, metavar="N", help="1-10000")


def _command(commands: Any, name: str, line: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=line, description=line)
    parser.set_defaults(verb=name)
    # SUPPRESS: given before the subcommand it must not be overwritten by the default of this one.
    parser.add_argument("--data", metavar="DIR", default=argparse.SUPPRESS, help=_DATA)
    return parser


def _verbs(commands: Any, name: str, line: str) -> Any:
    return _command(commands, name, line).add_subparsers(
        dest="action", metavar="VERB", required=True
    )


def _verb(verbs: Any, name: str, line: str) -> argparse.ArgumentParser:
    return _command(verbs, name, line)


def _reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help=_FILE)
    parser.set_defaults(reads="file")


def _answering(parser: argparse.ArgumentParser) -> None:
    """For verbs that take a file and print JSON in any case: `--json` may be said all the same."""
    _reading(parser)
    _json(parser)


def _json(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument(
        "--json", action="store_true", help="print one JSON document and nothing else"
    )
    return parser


def _number(text: str) -> int:
    return _between(text, 1, 2**31)


def _port(text: str) -> int:
    return _between(text, 0, 65535)


def _count(text: str) -> int:
    return _between(text, 1, 10)


def _number_of_lines(text: str) -> int:
    return _between(text, 1, 10_000)


def _between(text: str, low: int, high: int) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number") from None
    if not low <= number <= high:
        raise argparse.ArgumentTypeError(f"{number} is not between {low} and {high}")
    return number


class _FileOrAddress(argparse.Action):
    """An option whose value is a web address, or else the name of a file to read."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        del parser, option_string
        setattr(namespace, self.dest, values)
        if not values.startswith(("https://", "http://", "webcal://")):
            namespace.reads = self.dest
