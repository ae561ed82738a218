"""docker-compose.yml and the Dockerfile, checked as text: no Docker engine is needed to see that they are safe."""

import re
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.neo4j_server.jars import neo4j_version


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    return found


@pytest.fixture(scope="module")
def dockerfile() -> list[str]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_compose_runs_the_neo4j_that_the_tests_run(services: dict[str, Any]) -> None:
    assert services["neo4j"]["image"] == f"neo4j:{neo4j_version()}-community"


@pytest.mark.parametrize("service", ["neo4j", "underpin"])
def test_ports_are_published_on_the_loopback_interface_only(services: dict[str, Any], service: str) -> None:
    ports = services[service]["ports"]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_api_listens_on_port_8000_of_this_machine(services: dict[str, Any]) -> None:
    assert services["underpin"]["ports"] == ["127.0.0.1:8000:8000"]


def test_the_api_serves_from_neo4j_and_says_that_it_authenticates_nobody(services: dict[str, Any]) -> None:
    command = " ".join(services["underpin"]["command"])
    assert command == "serve --store neo4j://neo4j:7687 --host 0.0.0.0 --no-authentication"


@pytest.mark.parametrize("service", ["neo4j", "underpin"])
@pytest.mark.parametrize("name", ["UNDERPIN_NEO4J_USER", "UNDERPIN_NEO4J_PASSWORD"])
def test_credentials_come_from_the_environment_and_compose_refuses_to_start_without(
    services: dict[str, Any], service: str, name: str
) -> None:
    assert re.fullmatch(rf"\$\{{{name}:\?[^}}]+\}}", services[service]["environment"][name])


def test_no_file_for_docker_holds_a_password() -> None:
    for name in ("docker-compose.yml", "Dockerfile"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for found in re.findall(r"(?i)(?:password|auth|secret|token)[a-z_]*\s*(?:=|: )\s*(\S+)", text):
            assert found.startswith(("${", "...")), found


def test_the_api_waits_until_neo4j_is_healthy(services: dict[str, Any]) -> None:
    assert services["underpin"]["depends_on"] == {"neo4j": {"condition": "service_healthy"}}


def test_both_services_have_a_health_check_and_the_api_s_asks_readyz(services: dict[str, Any]) -> None:
    assert "RETURN 1" in " ".join(services["neo4j"]["healthcheck"]["test"])
    assert "http://127.0.0.1:8000/readyz" in " ".join(services["underpin"]["healthcheck"]["test"])


def test_neo4j_s_memory_is_set_and_its_data_outlive_the_container(services: dict[str, Any]) -> None:
    settings = services["neo4j"]["environment"]
    assert settings["NEO4J_server_memory_heap_max__size"] == "2G"
    assert settings["NEO4J_server_memory_heap_initial__size"] == "2G"
    assert settings["NEO4J_server_memory_pagecache_size"] == "1G"
    assert services["neo4j"]["volumes"] == ["neo4j-data:/data"]


def test_the_image_ends_as_a_user_without_rights_and_with_a_health_check(dockerfile: list[str]) -> None:
    last_stage = dockerfile[max(index for index, line in enumerate(dockerfile) if line.startswith("FROM ")) :]
    users = [line.split()[1] for line in last_stage if line.startswith("USER ")]
    assert users[-1:] == ["underpin"]
    checks = [line for line in last_stage if line.startswith("HEALTHCHECK ")]
    assert len(checks) == 1
    assert "/readyz" in checks[0]


def test_the_image_installs_by_hashes(dockerfile: list[str]) -> None:
    installs = [line for line in dockerfile if "pip install" in line]
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)


def test_the_image_gets_every_package(dockerfile: list[str]) -> None:
    copied = {line.split()[1].rstrip("/") for line in dockerfile if line.startswith("COPY ")}
    assert {"topology", "importers", "risk", "graphql_api", "underpin", "examples"} <= copied


def test_what_the_image_copies_is_sent_to_it(dockerfile: list[str]) -> None:
    copied = {word.split("/")[0] for line in dockerfile if line.startswith("COPY ") for word in line.split()[1:-1]}
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sent = {line[1:].rstrip("/") for line in ignored if line.startswith("!")}
    assert copied - {"--from=build"} - {""} == sent
