"""Numbered lists of what has to hold, and the tests that hold it by the numbers in their names.

A test says in its name which it holds: `test_s21_s22_an_undo_ends_it`, and for a run of them
`test_s125_to_s133_…`. The keys of a table of cases say the same: `"c9_two_hours_old": …`.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from posixpath import normpath

Tests = Mapping[str, list[tuple[str, str]]]
"""By number (`S21`): the file and the rest of the name."""

_NAMED = re.compile(r"(?:test_)?([a-z]\d+(?:_(?:to_)?[a-z]\d+)*)_(\w+)")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A row: its number, what it says, why it does not apply if so, and the tests."""

    number: str
    says: str
    reason: str | None
    tests: tuple[tuple[str, str], ...]

    def row(self, directory: str) -> str:
        """The row in Markdown, with links to the tests in `directory`, as seen from `docs/`."""
        state = "does not apply" if self.reason else "holds" if self.tests else "not yet"
        by_file: dict[str, list[str]] = defaultdict(list)
        for file, name in self.tests:
            by_file[file].append(name.replace("_", " "))
        shown = [
            f"[{Path(file).name}]({normpath(f'../tests/{directory}/{file}')}): {'; '.join(names)}"
            for file, names in by_file.items()
        ]
        return f"| {self.number} | {self.says} | {state} | {self.reason or '<br>'.join(shown)} |\n"


def found(paths: Iterable[Path], letters: str) -> Tests:
    """What in the files says by its name which number it holds: tests, and keys of tables of cases.

    `letters` are those with which the numbers of this list begin.
    """
    tests: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path in sorted(paths):
        for name in _names(ast.parse(path.read_text("utf-8"))):
            named = _NAMED.fullmatch(name)
            for number in _listed(named[1]) if named and named[1][0] in letters else ():
                tests[number].append((path.name, named[2] if named else ""))
    return tests


def _names(tree: ast.Module) -> Iterator[str]:
    """The names of tests, and the constant keys of dictionaries, in the order of the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("test_"):
                yield node.name
        elif isinstance(node, ast.Dict):
            for key in node.keys:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value


def _listed(text: str) -> Iterator[str]:
    """The numbers of `s21_s22` or `s125_to_s133`, as `S21`."""
    for part in re.findall(r"[a-z]\d+(?:_to_[a-z]\d+)?", text):
        first, *last = (int(one) for one in re.findall(r"\d+", part))
        for number in range(first, (last[0] if last else first) + 1):
            yield f"{part[0].upper()}{number}"
