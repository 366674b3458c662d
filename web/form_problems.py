"""What is wrong with a form, in words beside the field."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from node.errors import Problem


@dataclass(slots=True)
class FormProblems:
    """Sentences by field; those that belong to no field stand under the empty name.

    `order` is the order of the fields in the form, in which `items` tells them.
    """

    order: Sequence[str] = ()
    by_field: dict[str, list[str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)  # filled while the form is drawn

    def __bool__(self) -> bool:
        return bool(self.by_field)

    def add(self, name: str, message: str) -> None:
        """Add a sentence, once."""
        messages = self.by_field.setdefault(name, [])
        if message not in messages:
            messages.append(message)

    def of(self, name: str) -> list[str]:
        """What is wrong with a field; empty where nothing is."""
        return self.by_field.get(name, [])

    def beside(self, name: str, label: str) -> list[str]:
        """What is wrong with a field that its form calls `label`: the summary names it so, too."""
        self.labels[name] = label
        return self.of(name)

    def items(self) -> Iterable[tuple[str, list[str]]]:
        """Fields with their sentences, in the order of the form."""
        places = {name: place for place, name in enumerate(self.order)}
        return sorted(self.by_field.items(), key=lambda pair: places.get(pair[0], -1))


def place(
    problems: Iterable[Problem], found: FormProblems, field_of: Callable[[str], str | None]
) -> None:
    """Put problems of a document beside the fields it was made from.

    `field_of` maps a path such as `location.country` to a field; None puts it at the top, with its path.
    """
    for problem in problems:
        name = field_of(problem.path)
        if name is None:
            found.add("", f"{problem.path}: {problem.message}")
        else:
            found.add(name, problem.message)


def by_prefix(fields: Mapping[str, str]) -> Callable[[str], str | None]:
    """A `field_of` that looks for the longest prefix of a path: `price.min` before `price`."""

    def field_of(path: str) -> str | None:
        while path:
            if path in fields:
                return fields[path]
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return None

    return field_of
