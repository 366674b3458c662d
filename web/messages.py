"""What there is to translate, collected from templates and code, and the catalogues kept in step.

    python -m web.messages        # adds new messages to every catalogue, drops those that went

A tool for people who translate and for a test; nothing of it runs in a node.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2.ext import extract_from_ast

from node.exchange.schema import schema
from web.i18n import SOURCE_LOCALE, Catalogue, locales
from web.render import environment

_HERE = Path(__file__).parent
_SINGULAR = frozenset(
    {"N_", "gettext", "Sentence", "RefusedError", "ConflictError", "DiskError", "DiskFullError"}
)
_NODE = _HERE.parent / "node"
# What checks of documents and use cases refuse, which the desk shows. The last two are not used there.
_SENTENCES = (
    _NODE / "domain" / "walltime.py",
    _NODE / "store" / "database.py",
    _NODE / "pictures.py",
    _NODE / "domain" / "starter_list.py",
    _NODE / "starter_lists.py",
    _NODE / "imported_calendars.py",
    *sorted((_NODE / "calendars").glob("*.py")),
    *sorted((_NODE / "exchange").glob("*.py")),
    *(
        path
        for path in sorted((_NODE / "services").glob("*.py"))
        if path.stem not in ("identity", "transfer")
    ),
)

Messages = dict[str, str]


def collect() -> Messages:
    """Every message in the order of the files, with its plural form, or an empty one."""
    found: Messages = {}
    for path in sorted((_HERE / "templates").rglob("*.html")):
        for singular, plural in _of_template(path.read_text(encoding="utf-8")):
            found[singular] = plural or found.get(singular, "")
    for path in (*sorted(_HERE.rglob("*.py")), *_SENTENCES):
        for singular, plural in _of_code(path.read_text(encoding="utf-8")):
            found[singular] = plural or found.get(singular, "")
    return found | dict.fromkeys(refusals(), "")


def refusals() -> list[str]:
    """The sentences of the exchange format's schema, in its order."""

    def inside(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            yield from [part["x-refusal"]] if "x-refusal" in part else []
            part = list(part.values())
        for child in part if isinstance(part, list) else ():
            yield from inside(child)

    return list(inside(schema()))


def catalogue_path(locale: str) -> Path:
    """Where the catalogue of a language is."""
    return _HERE / "locales" / locale / "LC_MESSAGES" / "roughweather.po"


def update(locale: str) -> None:
    """Write a catalogue anew: what is translated stays, what is new is empty, what went is gone."""
    path = catalogue_path(locale)
    source = path.read_text(encoding="utf-8")
    header = source.split("\n\n", 1)[0]
    known = Catalogue(source).messages
    blocks = [header]
    for singular, plural in collect().items():
        blocks.append(_entry(singular, plural, known.get(singular, [])))
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


def _of_template(source: str) -> Iterator[tuple[str, str]]:
    tree = environment(SOURCE_LOCALE).parse(source)
    for _, _, message in extract_from_ast(tree):
        if isinstance(message, tuple):
            texts = [text for text in message if text]
            yield texts[0], texts[1] if len(texts) > 1 else ""
        elif message:
            yield message, ""


def _of_code(source: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
            name = (
                node.func.attr
                if isinstance(node.func, ast.Attribute)
                else getattr(node.func, "id", "")
            )
            if name in _SINGULAR and texts and isinstance(texts[0], str):
                yield texts[0], ""
            elif name == "ngettext" and len(texts) == 2:
                yield str(texts[0]), str(texts[1])


def _entry(singular: str, plural: str, translated: list[str]) -> str:
    lines = [f"msgid {_quoted(singular)}"]
    if plural:
        lines.append(f"msgid_plural {_quoted(plural)}")
        forms = translated or ["", ""]
        lines += [f"msgstr[{i}] {_quoted(form)}" for i, form in enumerate(forms)]
    else:
        lines.append(f"msgstr {_quoted(translated[0] if translated else '')}")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def placeholders(text: str) -> set[str]:
    """`%(name)s` in a message: a translation must hold the same ones."""
    return set(re.findall(r"%\(\w+\)s", text))


if __name__ == "__main__":
    for one in locales():
        if one != SOURCE_LOCALE:
            update(one)
