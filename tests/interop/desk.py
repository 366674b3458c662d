"""The desk of a running node, as a steward uses it in a browser."""

from bs4 import BeautifulSoup, Tag

from tests.web.served import Browser


async def read(steward: Browser, path: str) -> str:
    """The text of a page of the desk, without its markup."""
    answer = await steward.get(path)
    assert answer.status == 200, (path, answer.status)
    main = BeautifulSoup(answer.text, "html.parser").main
    assert main is not None
    return " ".join(main.get_text(" ").split())


# A browser sends no box that is not ticked.
_INPUTS = "input[name]:not([type=checkbox]):not([type=radio]), input[name][checked]"


async def fields(steward: Browser, path: str) -> dict[str, str]:
    """What the form of a page holds now: its inputs and texts by name."""
    answer = await steward.get(path)
    assert answer.status == 200, (path, answer.status)
    form = BeautifulSoup(answer.text, "html.parser").select_one("main form[method=post]")
    assert form is not None, path
    found = {str(one["name"]): str(one.get("value", "")) for one in form.select(_INPUTS)}
    found |= {str(one["name"]): one.get_text() for one in form.select("textarea[name]")}
    found |= {str(one["name"]): _chosen(one) for one in form.select("select[name]")}
    return {name: value for name, value in found.items() if name != "csrf"}


def _chosen(select: Tag) -> str:
    option = select.select_one("option[selected]") or select.select_one("option")
    return str(option.get("value", "")) if option else ""


async def submit(steward: Browser, path: str, given: dict[str, str]) -> None:
    """Send a form; it must be taken."""
    answer = await steward.post(path, given)
    assert answer.status == 303, answer.text
