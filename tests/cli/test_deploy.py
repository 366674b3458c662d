"""What is shipped for hosts: a unit that gives nothing away, snippets that name nothing we have not."""

import re
import shutil
import subprocess

from node.config import PREFIX, SETTINGS
from tests.cli.conftest import ROOT

DEPLOY = ROOT / "deploy"
HARDENED = [
    "NoNewPrivileges=true", "CapabilityBoundingSet=\n", "ProtectSystem=strict", "ProtectHome=true",
    "PrivateTmp=true", "PrivateDevices=true", "PrivateUsers=true", "ProtectProc=invisible",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6", "MemoryDenyWriteExecute=true",
    "SystemCallFilter=~@privileged @resources", "UMask=0077", "Restart=on-failure",
]  # fmt: skip


def test_the_unit_is_hardened() -> None:
    unit = (DEPLOY / "roughweather.service").read_text()
    assert [line for line in HARDENED if line not in unit] == []


def test_systemd_rates_the_unit_as_safe() -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:  # elsewhere the lines above have to do
        return
    words = [tool, "security", "--offline=true", "--no-pager", str(DEPLOY / "roughweather.service")]
    rated = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Overall exposure level.*: ([0-9.]+)", rated)
    assert found is not None, rated
    assert float(found[1]) <= 1.5


def test_every_variable_that_is_named_exists() -> None:
    known = {PREFIX + setting.key.upper().replace(".", "__") for setting in SETTINGS} | {
        f"{PREFIX}DATA"
    }
    known |= {
        f"{PREFIX}{setting.key.upper().replace('.', '__')}_FILE"
        for setting in SETTINGS
        if setting.secret
    }
    for file in [*DEPLOY.iterdir(), *(ROOT / "docs").glob("*.md"), ROOT / "README.md"]:
        named = set(re.findall(r"ROUGHWEATHER_[A-Z_]*[A-Z]", file.read_text(encoding="utf-8")))
        assert named <= known, file.name


def test_proxies_keep_the_figures_to_themselves_and_take_whole_deliveries() -> None:
    nginx, caddy = (DEPLOY / "nginx.conf").read_text(), (DEPLOY / "Caddyfile").read_text()
    assert "location = /metrics { return 404; }" in nginx
    assert "respond @metrics 404" in caddy
    assert "client_max_body_size  13m;" in nginx
    assert "max_size 13MB" in caddy
    assert "proxy_pass http://127.0.0.1:8080;" in nginx  # a path here would re-encode the target
