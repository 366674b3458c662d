"""Settings: one table, read from `DIR/node.toml`, then the environment, then flags.

Each row of `SETTINGS` is a key as written in the file (`table.name`), its type, its default and a line
of help; docs/hosting.md lists the same rows and a test holds the two together. The environment
variable of `federation.retry_base_seconds` is `ROUGHWEATHER_FEDERATION__RETRY_BASE_SECONDS`; a secret
can also come from a file named by the variable with `_FILE` at its end.
"""

import difflib
import ipaddress
import json
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from node.errors import InvalidDocumentError, Problem, RefusedError
from node.urls import Urls

PREFIX = "ROUGHWEATHER_"
FILE_NAME = "node.toml"


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of the configuration."""

    key: str
    type: type
    default: Any
    help: str
    secret: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting("url", str, "", "Public origin of the node, for ever: https://norcal.example"),
    Setting("database", str, "sqlite", "“sqlite” (DIR/node.sqlite3)"),
    Setting("trusted_proxies", list, [], "Addresses whose X-Forwarded-For and -Proto count"),
    Setting("federation.allow_private_networks", bool, False, "Reach http and private addresses"),
    Setting("federation.authorized_fetch", bool, False, "Show nothing to servers that do not sign"),
    Setting("federation.retry_base_seconds", float, 30.0, "First retry delay of a delivery"),
    Setting(
        "federation.notice_quiet_seconds", float, 60.0, "Quiet before a change is told in a note"
    ),
    Setting(
        "federation.crawl_seconds", float, 86400.0, "How often known groups are asked for news"
    ),
    Setting("mail.host", str, "", "Mail server for letters to people who answer; none: no letters"),
    Setting("mail.port", int, 587, "Port of the mail server"),
    Setting("mail.user", str, "", "Name at the mail server"),
    Setting("mail.password", str, "", "Password at the mail server", secret=True),
    Setting("mail.from", str, "", "Sender of letters: River Circle <hello@river.example>"),
    Setting("mail.starttls", bool, True, "Encrypt the connection to the mail server"),
    Setting("backup.every_hours", float, 24.0, "The node backs itself up that often; 0: never"),
    Setting("backup.keep_days", int, 7, "A backup of its own is removed after that; at most 30"),
    Setting("backup.folder", str, "", "Where to; none: DIR/backups. Best on another disk"),
    Setting("media.room_mb", float, 2000.0, "Room for pictures, in megabytes"),
    Setting("media.keep_free_mb", float, 200.0, "With less free on the disk no picture is taken"),
    Setting("metrics.public", bool, False, "Serve /metrics to everyone, not to loopback only"),
    Setting("log.level", str, "info", "debug, info, warning or error"),
)
_LONGEST_BACKUP_DAYS = 30  # no longer than people's answers are kept (node/upkeep.py)
_BY_KEY = {setting.key: setting for setting in SETTINGS}
_BY_VARIABLE = {
    PREFIX + key.upper().replace(".", "__"): setting for key, setting in _BY_KEY.items()
}
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]+")
_NOT_SETTINGS = frozenset({f"{PREFIX}DATA"})  # the directory itself; the command line reads it


@dataclass(frozen=True, slots=True)
class Config:
    """The settings in force, checked. `data` is the directory of the node."""

    data: Path
    values: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    @property
    def urls(self) -> Urls:
        """Addresses under the configured origin."""
        return Urls(self.values["url"])

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        return self.data / "node.sqlite3"

    @property
    def media(self) -> Path:
        """Where pictures and recordings are kept."""
        return self.data / "media"

    @property
    def allow_private_networks(self) -> bool:
        """Whether the node may fetch from and deliver to http and private addresses."""
        return bool(self.values["federation.allow_private_networks"])

    @property
    def sends_mail(self) -> bool:
        """Whether letters are written: there is a mail server, and a sender for them."""
        return bool(self.values["mail.host"] and self.values["mail.from"])

    def shown(self) -> dict[str, Any]:
        """Every setting in force, secrets masked, for people to look at."""
        return {
            setting.key: "***"
            if setting.secret and self.values[setting.key]
            else self.values[setting.key]
            for setting in SETTINGS
        }


def load(data: Path, overrides: Mapping[str, Any] | None = None) -> Config:
    """The configuration of the node in `data`.

    Raises RefusedError when there is no node there, InvalidDocumentError (with every problem) when
    the configuration cannot be used.
    """
    path = data / FILE_NAME
    if not path.is_file():
        raise RefusedError(f"There is no node in {data}: make one with “roughweather init”.")
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RefusedError(f"{path} cannot be read: {error}") from error
    given = dict(_flatten(document))
    return check(data, given | environment() | dict(overrides or {}))


def check(data: Path, given: Mapping[str, Any]) -> Config:
    """A `Config` from keys and values; raises InvalidDocumentError naming every bad one."""
    problems = [Problem(key, _unknown(key, _BY_KEY)) for key in given if key not in _BY_KEY]
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        value = given.get(setting.key, setting.default)
        try:
            values[setting.key] = _typed(value, setting.type)
        except ValueError as error:
            problems.append(Problem(setting.key, str(error)))
    if not problems:
        problems.extend(_cross_check(values))
    if problems:
        raise InvalidDocumentError(problems)
    return Config(data, values)


def environment(variables: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The settings that the environment gives (the process's own unless another is passed).

    Raises InvalidDocumentError naming every `ROUGHWEATHER_…` variable that is none of them.
    """
    variables = os.environ if variables is None else variables
    found: dict[str, Any] = {}
    problems = []
    for name in sorted(
        name for name in variables if name.startswith(PREFIX) and name not in _NOT_SETTINGS
    ):
        setting = _BY_VARIABLE.get(name)
        secret = _BY_VARIABLE.get(name.removesuffix("_FILE"))
        if setting is not None:
            found[setting.key] = variables[name]
        elif secret is not None and secret.secret:
            try:
                text = Path(variables[name]).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                problems.append(Problem(name, f"the file {variables[name]} cannot be read"))
            else:
                found.setdefault(secret.key, text)
        else:
            problems.append(Problem(name, _unknown(name, _BY_VARIABLE)))
    if problems:
        raise InvalidDocumentError(problems)
    return found


def _flatten(document: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _unknown(key: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f"; did you mean “{near[0]}”?" if near else ""
    return f"there is no such setting{hint}"


def _typed(value: Any, kind: type) -> Any:
    """`value` as the setting's type; environment variables arrive as strings."""
    if kind is bool:
        return _boolean(value)
    if kind is list:
        items = _list(value)
        for item in items:
            ipaddress.ip_network(item, strict=False)
        return items
    if kind is str:
        if not isinstance(value, str):
            raise ValueError(f"must be text, not {json.dumps(value)}")
        return value
    if isinstance(value, bool):
        raise ValueError("must be a number")
    number = kind(value)
    if number < 0:
        raise ValueError("must not be negative")
    return number


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "1": True, "yes": True, "on": True}
    words |= {"false": False, "0": False, "no": False, "off": False}
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise ValueError("must be true or false")


def _list(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return value
    raise ValueError("must be a list of addresses")


def _cross_check(values: Mapping[str, Any]) -> Iterator[Problem]:
    problem = origin_problem(values["url"], private=values["federation.allow_private_networks"])
    if problem:
        yield Problem("url", problem)
    if values["log.level"] not in ("debug", "info", "warning", "error"):
        yield Problem("log.level", "must be debug, info, warning or error")
    if not 1 <= values["backup.keep_days"] <= _LONGEST_BACKUP_DAYS:
        yield Problem("backup.keep_days", f"must be 1 to {_LONGEST_BACKUP_DAYS}")
    if not (values["backup.every_hours"] == 0 or 1 <= values["backup.every_hours"] <= 24 * 7):
        yield Problem("backup.every_hours", "must be 1 to 168, or 0 for never")
    sender = parseaddr(values["mail.from"])[1]
    if values["mail.from"] and ("@" not in sender or not values["mail.from"].isprintable()):
        yield Problem("mail.from", "must be an address such as River Circle <hello@river.example>")
    if values["database"].startswith(("postgresql:", "postgres:")):
        yield Problem("database", "PostgreSQL is not supported in this version; leave “sqlite”")
    elif values["database"] not in ("", "sqlite"):
        yield Problem(
            "database", "must be “sqlite”: the database is node.sqlite3 in the node's directory"
        )


def origin_problem(url: str, *, private: bool) -> str | None:
    """Why `url` cannot be a node's public origin, in words; None when it can."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is not a web address"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "must be an origin such as https://norcal.example"
    if parts.username is not None or url != f"{parts.scheme}://{parts.netloc}".lower():
        return "must be an origin only, in lower case: https://norcal.example, no path, no slash"
    if not _HOST.fullmatch(parts.hostname):
        return "must have a host name of a-z, 0-9, hyphens and dots (others as xn--…)"
    if port == {"https": 443, "http": 80}[parts.scheme]:
        return f"must leave out the port {port}, which goes without saying"
    if parts.scheme == "http" and not private:
        return (
            "must start with https://; plain http is for tests and local networks, together with"
            " federation.allow_private_networks = true"
        )
    return None
