"""The drawings of the sample: each belongs to something that is there, and can be taken as a picture."""

import pytest

from node import sample
from node.picture_cleaner import answer
from node.sample import drawings


@pytest.mark.parametrize("slug", ["norcal", "berlin"])
def test_the_sample_shows_its_drawings(slug: str) -> None:
    document = sample.load()
    found = drawings.of_group(document, slug)
    assert found
    for drawing in found:
        head, bodies = answer(drawing.png())
        assert head["files"]
        assert len(bodies[0]) < 60_000
        drawings.put(document, drawing, f"{'a' * 26}-10x10.jpg")
        shown = [one for one in document[drawing.section] if one.get("image")]
        assert drawing.alt in [one["image"]["alt"] for one in shown]
