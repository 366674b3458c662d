"""Settings: one table, unknown names refused with the nearest known one, secrets never shown."""

from pathlib import Path

import pytest

from node import config
from node.errors import InvalidDocumentError, RefusedError
from tests.cli.conftest import Command

URL = {"url": "https://norcal.example"}


def refused(given: dict[str, object]) -> list[str]:
    with pytest.raises(InvalidDocumentError) as raised:
        config.check(Path(), given)
    return [str(problem) for problem in raised.value.problems]


def test_a_variable_goes_before_the_file(run: Command) -> None:
    run.variables["ROUGHWEATHER_LOG__LEVEL"] = "debug"
    assert run("config", "--json").json()["log.level"] == "debug"


def test_an_unknown_variable_names_the_nearest(run: Command) -> None:
    run.variables["ROUGHWEATHER_MAIL_HOST"] = "mail.example"
    ran = run("config")
    assert (ran.exit, ran.stdout) == (1, "")
    assert ran.stderr == (
        "ROUGHWEATHER_MAIL_HOST: there is no such setting; did you mean “ROUGHWEATHER_MAIL__HOST”?\n"
    )


def test_an_unknown_key_names_the_nearest(run: Command) -> None:
    with (run.data / "node.toml").open("a") as file:
        file.write("allow_private_netwoks = false\n")
    ran = run("config")
    assert ran.exit == 1
    assert "did you mean “federation.allow_private_networks”?" in ran.stderr


def test_a_secret_comes_from_a_file_and_is_masked(run: Command, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    run.variables["ROUGHWEATHER_MAIL__PASSWORD_FILE"] = str(tmp_path / "secret")
    assert config.environment(run.variables) == {"mail.password": "s3cret"}
    ran = run("config", "--json")
    assert ran.json()["mail.password"] == "***"
    assert "s3cret" not in ran.stdout + ran.stderr


def test_a_secret_file_that_is_not_there_is_named() -> None:
    with pytest.raises(
        InvalidDocumentError, match="ROUGHWEATHER_MAIL__PASSWORD_FILE: the file /no/"
    ):
        config.environment({"ROUGHWEATHER_MAIL__PASSWORD_FILE": "/no/such/file"})


def test_only_secrets_come_from_files() -> None:
    with pytest.raises(InvalidDocumentError, match="no such setting"):
        config.environment({"ROUGHWEATHER_MAIL__HOST_FILE": "/etc/hostname"})


def test_other_variables_are_nobody_s_business() -> None:
    assert config.environment({"ROUGHWEATHER_DATA": "/x", "PATH": "/bin", "ROUGH": "1"}) == {}


@pytest.mark.parametrize(
    "address", ["postgresql://localhost/x", "postgres://x", "mysql://x", "other.db"]
)
def test_another_database_is_refused_in_plain_words(address: str) -> None:
    [problem] = refused(URL | {"database": address})
    assert problem.startswith("database: ")
    assert ("PostgreSQL is not supported" in problem) is address.startswith("postgres")


@pytest.mark.parametrize(
    "url",
    [
        "", "norcal.example", "ftp://norcal.example", "https://", "https://norcal.example/",
        "https://norcal.example/a", "https://norcal.example?x", "https://norcal.example#x",
        "https://Norcal.example", "https://a:b@norcal.example", "https://nor cal.example",
        "https://norcal.example:443", "https://norcal.example:99999", "https://grüne.example",
        "http://norcal.example", "https://norcal.example\n", "https://[::1", "https://-a.example",
    ],
)  # fmt: skip
def test_what_is_no_public_origin_is_refused(url: str) -> None:
    [problem] = refused({"url": url})
    assert problem.startswith("url: ")


@pytest.mark.parametrize(
    "url", ["https://norcal.example", "https://xn--grne-1ra.example:8443", "http://127.0.0.1:8080",
            "http://localhost", "http://[::1]:8080"],
)  # fmt: skip
def test_a_public_origin_is_taken_as_it_is(url: str) -> None:
    given = {"url": url, "federation.allow_private_networks": True}
    assert config.check(Path(), given).urls.origin == url


def test_a_directory_without_a_node_says_how_to_make_one(empty: Command) -> None:
    for words in (["config"], ["serve"], ["event", "list"], ["check"], ["backup", "x.zip"]):
        ran = empty(*words)
        assert (ran.exit, ran.stdout) == (1, "")
        assert (
            ran.stderr == f"There is no node in {empty.data}: make one with “roughweather init”.\n"
        )


def test_settings_that_are_no_toml_are_one_plain_sentence(data: Path) -> None:
    (data / "node.toml").write_text("url = ")
    with pytest.raises(RefusedError, match="cannot be read"):
        config.load(data)
