"""No term of ours is lost on a reader that takes JSON-LD seriously, as Fedify does."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.fedify.living import HERE, install, node_program

GOLDEN = HERE.parent / "golden"


def lost(files: list[Path]) -> dict[str, list[str]]:
    """File name → the terms that its context does not define."""
    install()
    done = subprocess.run(
        [node_program(), str(HERE / "terms.mjs")],
        input="\n".join(map(str, files)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {Path(file).name: terms for file, terms in json.loads(done.stdout).items()}


def document(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def test_every_term_that_we_send_is_defined() -> None:
    files = [file for file in sorted(GOLDEN.glob("*.json")) if "@context" in document(file)]
    assert len(files) > 40
    assert not {file: terms for file, terms in lost(files).items() if terms}


@pytest.mark.parametrize("name", ["assertionMethod", "PropertyValue"])
def test_a_term_without_a_definition_is_noticed(tmp_path: Path, name: str) -> None:
    actor = document(GOLDEN / "actor-group.json")
    del actor["@context"][-1][name]
    file = tmp_path / "actor.json"
    file.write_text(json.dumps(actor), encoding="utf-8")
    assert lost([file]) == {"actor.json": [name]}
