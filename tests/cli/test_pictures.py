"""Pictures by the command: given, moved along with documents, backed up, and looked after."""

import json
import subprocess
import sys
from pathlib import Path

from node.domain.picture import named
from tests.cli.conftest import EVENT, ROOT, Command
from tests.pictures import WHERE, opened, photo


def give(run: Command, tmp_path: Path) -> str:
    """An event with a picture; the name of its file."""
    (tmp_path / "IMG 1.jpg").write_bytes(photo())
    added = run(
        "event", "add", "-", "--image", tmp_path / "IMG 1.jpg", "--alt", "The bank", stdin=EVENT
    )
    assert added.exit == 0, added.stderr
    shown = run("event", "show", "river-day", "--json").json()
    assert shown == EVENT | {"image": {"file": shown["image"]["file"], "alt": "The bank"}}
    return str(shown["image"]["file"])


def test_an_event_is_added_with_a_picture(anyhow: Command, tmp_path: Path) -> None:
    file = give(anyhow, tmp_path)
    media = anyhow.data / "media"
    assert sorted(path.name for path in media.iterdir()) == sorted(named(file).files)  # type: ignore[union-attr]
    body = (media / file).read_bytes()
    assert opened(body).size == (1000, 600)
    assert WHERE not in body
    assert (media / file).stat().st_mode & 0o777 == 0o600


def test_without_words_nothing_is_published(run: Command, tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(photo((30, 20)))
    refused = run("event", "add", "-", "--image", tmp_path / "x.jpg", stdin=EVENT)
    assert refused.exit == 1
    assert refused.stderr.startswith("image.alt: is missing")
    assert run("event", "list", "--json").json() == []


def test_what_is_no_picture_is_refused(run: Command, tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(b"<svg/>")
    for words in (["picture", "add", tmp_path / "x.jpg"],
                  ["event", "add", "-", "--image", tmp_path / "x.jpg", "--alt", "x"]):  # fmt: skip
        refused = run(*words, stdin=EVENT)
        assert refused.exit == 1
        assert "no picture that we can read" in refused.stderr
    missing = run("event", "add", "-", "--image", tmp_path / "none.jpg", "--alt", "x", stdin=EVENT)
    assert (missing.exit, "cannot be read" in missing.stderr) == (1, True)
    assert list((run.data / "media").iterdir()) == []


def test_pictures_move_with_their_documents(run: Command, tmp_path: Path) -> None:
    file = give(run, tmp_path)
    hidden = EVENT | {"id": "hidden", "visibility": "local_only"}
    (tmp_path / "y.jpg").write_bytes(photo((90, 60)))
    run("event", "add", "-", "--image", tmp_path / "y.jpg", "--alt", "Not for all", stdin=hidden)
    assert run("export", tmp_path / "out.json", "--pictures", tmp_path / "pictures").exit == 0
    assert len(list((tmp_path / "pictures").iterdir())) == 2
    public = run("export", tmp_path / "p.json", "--public-only", "--pictures", tmp_path / "public")
    assert public.exit == 0
    assert [path.name for path in (tmp_path / "public").iterdir()] == [file]

    restored = tmp_path / "other"
    words = ["init", "--url", "http://127.0.0.1:8998", "--handle", "norcal", "--name", "Other"]
    other = Command(restored, run.variables)
    assert other(*words, "--allow-private-networks").exit == 0
    refused = other("import", tmp_path / "out.json")
    assert refused.exit == 1
    assert "image.file: is no picture of this node" in refused.stderr
    taken = other("import", tmp_path / "out.json", "--pictures", tmp_path / "pictures")
    assert taken.exit == 0, taken.stderr
    assert (
        other("export", "-").json()["events"]
        == json.loads((tmp_path / "out.json").read_text())["events"]
    )
    again = other("import", tmp_path / "out.json", "--pictures", tmp_path / "pictures", "--json")
    assert again.json()["events"] == {"added": 0, "changed": 0, "unchanged": 2, "withdrawn": 0}


def test_backup_check_and_restore_know_pictures(run: Command, tmp_path: Path) -> None:
    file = give(run, tmp_path)
    assert run("backup", tmp_path / "b.zip").exit == 0
    other = Command(tmp_path / "restored", run.variables)
    assert other("restore", tmp_path / "b.zip").exit == 0
    kept = tmp_path / "restored" / "media"
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == {
        path.name: path.read_bytes() for path in (run.data / "media").iterdir()
    }

    def media() -> tuple[str, str]:
        checks = other("check", "--json").json()["checks"]
        [found] = [one for one in checks if one["code"] == "MEDIA"]
        return found["verdict"], found["detail"]

    assert media()[0] == "OK"
    (kept / "notes.txt").write_text("mine")
    assert media() == ("WARN", "files that no picture speaks of: notes.txt")
    (kept / file).unlink()
    assert media() == ("FAIL", f"files of pictures are missing: {file}")


def test_without_the_library_only_pictures_are_missing(run: Command, tmp_path: Path) -> None:
    """The command runs in a Python that has no Pillow."""
    without = (
        "import sys\n"
        "from importlib.machinery import PathFinder\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        return None if name.startswith('PIL') else PathFinder.find_spec(name, path, target)\n"
        "sys.meta_path[sys.meta_path.index(PathFinder)] = Finder()\n"
        "from node.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    (tmp_path / "x.jpg").write_bytes(photo((30, 20)))

    def done(*words: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-c", without, "--data", str(run.data), *words]
        return subprocess.run(
            command, input=json.dumps(EVENT).encode(), capture_output=True, cwd=ROOT, check=False
        )

    refused = done("picture", "add", str(tmp_path / "x.jpg"))
    assert refused.returncode == 1
    assert "cannot take pictures yet" in refused.stderr.decode()
    assert done("event", "add", "-").returncode == 0
