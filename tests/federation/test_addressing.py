"""Who may know what: the audience of a Delete, and what counts as public."""

import pytest

from federation.addressing import is_public, pair, tombstone_audience
from federation.render.audience import audience
from federation.vocab import PUBLIC
from node.domain.event import Visibility
from node.errors import RefusedError
from node.urls import Urls

URLS = Urls("https://norcal.example")


@pytest.mark.parametrize("spelling", [PUBLIC, "as:Public", "Public"])
@pytest.mark.parametrize("field", ["to", "cc"])
@pytest.mark.parametrize("many", [False, True])
def test_public_is_public_in_to_or_cc_however_it_is_spelled(
    spelling: str, field: str, many: bool
) -> None:
    assert is_public({field: [URLS.followers, spelling] if many else spelling})


@pytest.mark.parametrize("to", [None, [], URLS.followers, [URLS.followers], [{"id": PUBLIC}]])
def test_anything_else_is_not(to: object) -> None:
    assert not is_public({"to": to, "audience": PUBLIC})


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.FOLLOWERS_AND_LINK])
def test_a_delete_is_for_those_the_object_was_for(visibility: Visibility) -> None:
    to, cc = audience(visibility, URLS)
    public = is_public({"to": to, "cc": cc})
    assert tombstone_audience(URLS, public=public) == (to, cc)


@pytest.mark.parametrize("visibility", [Visibility.LINK_ONLY, Visibility.LOCAL_ONLY])
def test_the_rest_has_no_audience_at_all(visibility: Visibility) -> None:
    with pytest.raises(RefusedError):
        audience(visibility, URLS)


def test_what_passes_between_two_actors_has_one_order() -> None:
    assert pair(URLS.group, "https://b.example/g") == f"{URLS.group} https://b.example/g"
