"""`docker-compose.yml` read line by line against the project, because no Docker engine takes part in the tests."""

import ast
import ipaddress
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from sqlalchemy import make_url

from idp.adapters.client_files import load_client
from idp.settings import Settings
from idp.settings_file import load_settings
from idp_sandbox.bankid.__main__ import read_arguments
from idp_sandbox.minasidor import client_key
from idp_sandbox.minasidor.portal import create_portal
from idp_sandbox.mittprezero.phone_app import create_phone_app
from idp_sandbox.serving import ProgramOptions
from idp_sandbox.world import READY_CUSTOMER, READY_DIGITS
from idp_tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
CONTAINER = ROOT / "config" / "container"
PRODUCT = ("migrate", "idp-1", "idp-2")
NODES = ("idp-1", "idp-2")
RELYING_PARTIES = ("minasidor", "mittprezero")


@cache
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


def settings() -> Settings:
    return load_settings(CONTAINER / "idp.toml")


def dockerfile() -> str:
    return (CONTAINER / "Dockerfile").read_text(encoding="utf-8")


def stages() -> dict[str, str]:
    """Each stage of the Dockerfile with its lines, those of the stage it is made from included."""
    found: dict[str, str] = {}
    for text in re.split(r"(?m)^(?=FROM )", dockerfile())[1:]:
        match = re.match(r"FROM (\S+) AS (\S+)", text)
        assert match
        found[match[2]] = found.get(match[1], "") + text
    return found


def mounts(service: dict[str, Any]) -> dict[str, str]:
    """What is mounted where: path inside the container → volume or path outside."""
    pairs = (re.fullmatch(r"(\$\{[^}]+\}|[^:]+):([^:]+)(?::ro)?", entry) for entry in service.get("volumes", ()))
    return {match[2]: match[1] for match in pairs if match}


def default_of(text: str) -> str:
    """A value with its variables replaced by their defaults."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def options(service: dict[str, Any]) -> tuple[str, list[str]]:
    """The module that a service of the sandbox image runs, and its arguments."""
    module, *arguments = service["command"]
    return module, arguments


def host_ports(service: dict[str, Any]) -> Iterator[tuple[str, int, int]]:
    for entry in service.get("ports", ()):
        address, outside, inside = entry.split(":")
        yield address, int(outside), int(inside)


def seconds(address: str) -> int:
    return int(address.rpartition(":")[2])


# ---- images --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", services())
def test_every_service_has_an_image_that_is_published_or_built_here(name: str) -> None:
    service = services()[name]
    if "build" not in service:
        assert re.fullmatch(r"(postgres|nginx):\d+(\.\d+)?-bookworm", service["image"])
        return
    assert service["build"]["context"] == "."
    assert ROOT / service["build"]["dockerfile"] == CONTAINER / "Dockerfile"
    assert service["build"]["target"] in stages()


def test_the_product_image_holds_no_sandbox_and_the_sandbox_image_both() -> None:
    assert "idp_sandbox" not in stages()["idp"]
    assert "COPY idp_sandbox " in stages()["sandbox"]
    assert {services()[name]["build"]["target"] for name in (*PRODUCT, "prepare")} == {"idp"}


def test_whatever_the_dockerfile_copies_is_in_the_repository_and_reaches_the_builder() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = [line[1:] for line in lines if line.startswith("!")]
    assert "*" in lines
    sources = re.findall(r"(?m)^COPY (?!--from)(\S+) ", dockerfile())
    assert len(sources) == 4
    for source in sources:
        assert (ROOT / source).exists(), source
        assert any(fnmatch(source, pattern) for pattern in let_in), source


def test_every_path_let_into_the_builder_is_used() -> None:
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if line.startswith("!"):
            assert f"COPY {line[1:]} " in dockerfile()


def test_packages_are_installed_by_hash_from_the_lock_for_production() -> None:
    assert "--no-deps --require-hashes -r /run.txt" in dockerfile()
    assert "COPY requirements/run.txt /run.txt" in dockerfile()


def test_the_sandbox_needs_no_package_that_the_image_lacks() -> None:
    locked = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    names = {name.lower().replace("_", "-") for name in re.findall(r"(?m)^([a-z0-9][\w.-]*)", locked)}
    imported = set()
    for path in (ROOT / "idp_sandbox").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").partition(".")[0])
    assert imported - sys.stdlib_module_names - {"idp_sandbox"} <= names


@pytest.mark.parametrize("stage", ["idp", "sandbox"])
def test_no_image_runs_as_root(stage: str) -> None:
    users = re.findall(r"(?m)^USER (\S+)", stages()[stage])
    assert users[-1] == "10001:10001"


def test_every_directory_a_volume_lies_on_is_made_for_the_user_of_the_image() -> None:
    for name, service in services().items():
        target = service.get("build", {}).get("target")
        if not target:
            continue
        made = " ".join(re.findall(r"install -d [^\n]* -m 0700 ([^\n]*)", stages()[target])).split()
        for path, source in mounts(service).items():
            if default_of(source) in compose()["volumes"]:
                assert path in made, f"{name}: {path}"


# ---- commands ------------------------------------------------------------------------------------------------------


def provider_commands() -> dict[str, list[str]]:
    """Every command of `idp` that some service runs."""
    found = {name: list(services()[name]["command"]) for name in PRODUCT}
    module, *rest = services()["customers"]["command"]
    assert module == "idp"
    found["customers"] = rest[2:]
    script = (CONTAINER / "prepare.sh").read_text(encoding="utf-8")
    match = re.search(r"(?m)^exec python -m idp --config /etc/idp/idp\.toml (.*)$", script)
    assert match
    found["prepare"] = match[1].split()
    return found


@pytest.mark.parametrize("name", provider_commands())
def test_every_command_of_the_provider_exists(name: str) -> None:
    words = [word for word in provider_commands()[name] if not word.startswith("/")]
    command = [sys.executable, "-m", "idp", "--config", str(CONTAINER / "idp.toml"), *words, "--help"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert words[-1] in answer.stdout


def test_the_image_reads_its_settings_where_the_services_mount_them() -> None:
    entrypoint = re.search(r"(?m)^ENTRYPOINT (.*)$", stages()["idp"])
    assert entrypoint
    assert json.loads(entrypoint[1]) == ["python", "-m", "idp", "--config", "/etc/idp/idp.toml"]
    for name in (*PRODUCT, "prepare", "customers"):
        assert default_of(mounts(services()[name])["/etc/idp"]) == "./config/container"
    assert services()["customers"]["command"][:3] == ["idp", "--config", "/etc/idp/idp.toml"]


def test_the_first_service_runs_the_script_that_the_image_holds() -> None:
    assert services()["prepare"]["entrypoint"] == ["/bin/sh", "/app/prepare.sh"]
    assert "COPY config/container/prepare.sh /app/prepare.sh" in stages()["idp"]
    subprocess.run(["sh", "-n", str(CONTAINER / "prepare.sh")], check=True)


def test_the_first_service_makes_password_and_keys_once(tmp_path: Path) -> None:
    (tmp_path / "database-password").mkdir()
    text = (CONTAINER / "idp.toml").read_text(encoding="utf-8").replace('"/keys"', json.dumps(str(tmp_path / "keys")))
    text = text.replace("/database-password/", f"{tmp_path}/database-password/")
    (tmp_path / "idp.toml").write_text(text, encoding="utf-8")
    (tmp_path / "clients").mkdir()
    script = (CONTAINER / "prepare.sh").read_text(encoding="utf-8")
    script = script.replace("/database-password/", f"{tmp_path}/database-password/")
    script = script.replace("/etc/idp/idp.toml", f"{tmp_path}/idp.toml")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    def prepare() -> dict[str, bytes]:
        subprocess.run(
            ["sh", "-c", script], cwd=ROOT, check=True, capture_output=True, env={"PATH": path}, timeout=PATIENCE
        )
        made = [found for room in ("database-password", "keys") for found in (tmp_path / room).rglob("*")]
        assert all(found.stat().st_mode & 0o077 == 0 for found in made if found.is_file())
        return {str(found): found.read_bytes() for found in made if found.is_file()}

    first = prepare()
    assert len(first[str(tmp_path / "database-password" / "password")]) >= 32
    assert any("signing" in name for name in first)
    assert prepare() == first


def test_the_customers_file_of_the_demo_is_in_the_image_and_holds_the_announced_customer() -> None:
    path = services()["customers"]["command"][-1]
    assert path.startswith("/app/idp_sandbox/")
    text = (ROOT / path.removeprefix("/app/")).read_text(encoding="utf-8")
    assert re.search(rf"(?m)^{READY_CUSTOMER};\d{{6}}-{READY_DIGITS};", text)
    announced = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert f"customer number {READY_CUSTOMER}, digits {READY_DIGITS}" in announced


@pytest.mark.parametrize("name", RELYING_PARTIES)
def test_every_relying_party_understands_its_arguments(name: str) -> None:
    module, arguments = options(services()[name])
    place = ProgramOptions.from_arguments(arguments, program=module)
    assert module == f"idp_sandbox.{name}"
    assert (ROOT / "idp_sandbox" / name / "__main__.py").exists()
    assert place.issuer == settings().issuer
    assert seconds(place.base_url) == place.port
    assert place.data.as_posix() in mounts(services()[name])


def test_the_simulator_understands_its_arguments_and_is_where_the_provider_looks() -> None:
    module, arguments = options(services()["bankid"])
    found = read_arguments(arguments)
    assert module == "idp_sandbox.bankid"
    assert settings().bankid.api_url == f"https://{found.host}:{found.api_port}/rp/v6.0"
    assert found.host == "bankid", "other services know it by the service's name"
    assert settings().bankid.launch_url == f"{found.public_phone_url}/"
    assert (found.data.as_posix(), "bankid") in mounts(services()["bankid"]).items()


def test_minasidors_key_is_made_and_published_where_its_client_file_says(tmp_path: Path) -> None:
    module, arguments = options(services()["minasidor-key"])
    assert module == client_key.__name__
    places = dict(argument.removeprefix("--").split("=") for argument in arguments)
    client = tomllib.loads((CONTAINER / "clients" / "minasidor.toml").read_text(encoding="utf-8"))
    assert client["jwks_file"] == places["publish"]
    assert ProgramOptions.from_arguments(options(services()["minasidor"])[1], program="").data == Path(places["data"])
    published = tmp_path / "jwks.json"
    client_key.main([f"--data={tmp_path}", f"--publish={published}"])
    assert json.loads(published.read_text(encoding="utf-8")) == client_key.public_jwks(
        client_key.load_or_make(tmp_path)
    )


# ---- settings, paths and variables ---------------------------------------------------------------------------------


def test_every_path_in_the_settings_is_mounted_into_every_node() -> None:
    found = settings()
    paths = [
        found.database.password_file,
        found.keys.directory,
        found.bankid.server_ca,
        found.bankid.client_certificate,
        found.bankid.passphrase_file,
        *found.bankid.people_roots,
        found.mail.folder,
    ]
    for name in (*PRODUCT, "customers"):
        inside = [Path(path) for path in mounts(services()[name])]
        for path in paths:
            assert path
            assert any(path.is_relative_to(mount) for mount in inside), f"{name}: {path}"


def test_every_volume_is_declared_and_every_declared_volume_is_used() -> None:
    used = {default_of(source) for service in services().values() for source in mounts(service).values()}
    volumes = {source for source in used if not source.startswith((".", "/"))}
    assert volumes == set(compose()["volumes"])
    for path in used - volumes:
        assert (ROOT / path).exists(), path


def test_only_two_variables_are_read_and_both_have_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    found = set(re.findall(r"\$\{(\w+)(:-[^}]+)?\}", text))
    assert found == {("IDP_CONFIG_DIR", ":-./config/container"), ("BANKID_FILES", ":-bankid")}


def test_the_database_is_the_one_that_the_settings_name() -> None:
    address, environment = make_url(settings().database.url), services()["postgres"]["environment"]
    assert address.host == "postgres"
    assert (address.username, address.database) == (environment["POSTGRES_USER"], environment["POSTGRES_DB"])
    password_file = settings().database.password_file
    assert password_file
    assert password_file.as_posix() == environment["POSTGRES_PASSWORD_FILE"]
    assert password_file.parent.as_posix() in mounts(services()["postgres"])
    assert f"> {password_file.as_posix()}" in (CONTAINER / "prepare.sh").read_text(encoding="utf-8")


def test_the_relying_parties_of_the_demo_are_accepted_by_the_provider(tmp_path: Path) -> None:
    client_key.main([f"--data={tmp_path}", f"--publish={tmp_path / 'jwks.json'}"])
    for name in RELYING_PARTIES:
        text = (CONTAINER / "clients" / f"{name}.toml").read_text(encoding="utf-8")
        (tmp_path / f"{name}.toml").write_text(text.replace("/minasidor-public/jwks.json", "jwks.json"), "utf-8")
        client = load_client(tmp_path / f"{name}.toml", issuer=settings().issuer, sandbox=True)
        place = ProgramOptions.from_arguments(options(services()[name])[1], program="")
        assert client.client_uri == place.base_url
        assert all(uri.startswith(place.base_url + "/") for uri in client.redirect_uris)


def test_the_client_files_name_addresses_that_the_relying_parties_serve(tmp_path: Path) -> None:
    programs = {"minasidor": create_portal, "mittprezero": create_phone_app}
    for name, create in programs.items():
        place = ProgramOptions.from_arguments([*options(services()[name])[1], f"--data={tmp_path}"], program="")
        paths = {rule.rule for rule in create(place).url_map.iter_rules()}
        text = (CONTAINER / "clients" / f"{name}.toml").read_text(encoding="utf-8")
        served = set(re.findall(r'"http://localhost:\d+(/[^"]*)"', text))
        assert served
        assert served <= paths


# ---- ports and addresses -------------------------------------------------------------------------------------------


def test_only_the_loopback_interface_of_the_machine_is_served() -> None:
    published = [entry for service in services().values() for entry in host_ports(service)]
    assert sorted(outside for _, outside, _ in published) == [8000, 8001, 8002, 8003]
    assert {address for address, _, _ in published} == {"127.0.0.1"}
    assert all(outside == inside for _, outside, inside in published)


def test_the_relying_parties_share_the_proxys_address_which_publishes_their_ports() -> None:
    inside = {port for _, _, port in host_ports(services()["proxy"])}
    assert seconds(settings().issuer) in inside
    for name in RELYING_PARTIES:
        place = ProgramOptions.from_arguments(options(services()[name])[1], program="")
        assert services()[name]["network_mode"] == "service:proxy"
        assert place.host == "0.0.0.0"
        assert place.port in inside


def test_the_phone_is_published_on_the_port_it_listens_on() -> None:
    found = read_arguments(options(services()["bankid"])[1])
    assert [port for _, _, port in host_ports(services()["bankid"])] == [found.phone_port]
    assert seconds(found.public_phone_url or "") == found.phone_port


def test_the_proxy_listens_where_the_issuer_says_and_leads_to_every_node() -> None:
    text = (CONTAINER / "nginx.conf").read_text(encoding="utf-8")
    assert re.findall(r"listen (\d+);", text) == [str(seconds(settings().issuer))]
    servers = re.findall(r"server (\S+):(\d+) ", text)
    assert servers == [(name, str(settings().server.port)) for name in NODES]
    assert mounts(services()["proxy"])["/etc/nginx/nginx.conf"] == "./config/container/nginx.conf"


def test_the_proxy_holds_bodies_back_limits_them_and_logs_no_query() -> None:
    text = (CONTAINER / "nginx.conf").read_text(encoding="utf-8")
    assert "proxy_request_buffering on;" in text
    assert re.search(r"client_max_body_size \d+k;", text)
    assert "limit_req zone=" in text
    log_format = re.search(r"log_format (.*);", text)
    assert log_format
    assert "$asked_path" in log_format[1]
    assert "~^(?<before_query>[^?]*) $before_query;" in text
    assert not re.search(r"\$request\b|\$request_uri|\$args|\$query_string|\$http_referer", log_format[1])


def test_nodes_believe_the_proxy_alone_which_overwrites_what_visitors_claim() -> None:
    subnet = compose()["networks"]["inside"]["ipam"]["config"][0]["subnet"]
    assert settings().server.trusted_proxies == (ipaddress.ip_network(subnet),)
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in (CONTAINER / "nginx.conf").read_text(encoding="utf-8")


def test_nodes_listen_on_all_interfaces_of_their_container() -> None:
    assert str(settings().server.host) == "0.0.0.0"
    assert f"EXPOSE {settings().server.port}" in stages()["idp"]


# ---- order of starting and health ----------------------------------------------------------------------------------


def has_health_check(service: dict[str, Any]) -> bool:
    target = service.get("build", {}).get("target")
    checks = re.findall(r"(?m)^HEALTHCHECK (.*)$", stages()[target]) if target else []
    return "healthcheck" in service or bool(checks and checks[-1] != "NONE")


@pytest.mark.parametrize("name", services())
def test_every_service_waits_for_what_it_needs_in_a_way_that_can_come_true(name: str) -> None:
    for wanted, how in services()[name].get("depends_on", {}).items():
        other = services()[wanted]
        one_shot = other.get("restart") == "no"
        match how["condition"]:
            case "service_completed_successfully":
                assert one_shot, wanted
            case "service_healthy":
                assert has_health_check(other), wanted
                assert not one_shot
            case condition:
                assert condition == "service_started"
        if other.get("profiles") and not services()[name].get("profiles"):
            assert how["required"] is False, f"{wanted} exists in the demo alone"


def test_nodes_start_after_the_migration_which_runs_once() -> None:
    assert services()["migrate"]["command"] == ["db", "upgrade"]
    assert services()["migrate"]["restart"] == "no"
    assert services()["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}
    for name in NODES:
        assert services()[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    for name in NODES:
        assert services()["proxy"]["depends_on"][name] == {"condition": "service_healthy"}


def test_waiting_never_goes_in_a_circle() -> None:
    done: set[str] = set()
    waiting = {name: set(service.get("depends_on", {})) for name, service in services().items()}
    while ready := {name for name, needs in waiting.items() if needs <= done}:
        done |= ready
        waiting = {name: needs for name, needs in waiting.items() if name not in ready}
    assert waiting == {}


def health_address(text: str) -> tuple[str, int, str]:
    match = re.search(r"urlopen\('http://([\w.]+):(\d+)(/[\w?=]+)', timeout=2\)", text)
    assert match
    return match[1], int(match[2]), match[3]


def test_a_nodes_health_check_asks_whether_it_can_serve_who_is_logged_in() -> None:
    """All nodes lack a collector at once: none of them would be better replaced."""
    check = re.search(r"(?m)^HEALTHCHECK [^\n]*\\\n  CMD (.*)$", stages()["idp"])
    assert check
    words = json.loads(check[1])
    ast.parse(words[-1])
    assert health_address(words[-1]) == ("127.0.0.1", settings().server.port, "/readyz?exclude=collector")


def test_the_health_checks_of_the_relying_parties_are_answered(tmp_path: Path) -> None:
    for name, create in {"minasidor": create_portal, "mittprezero": create_phone_app}.items():
        words = services()[name]["healthcheck"]["test"]
        ast.parse(words[-1])
        place = ProgramOptions.from_arguments([*options(services()[name])[1], f"--data={tmp_path}"], program="")
        host, port, path = health_address(words[-1])
        assert (host, port) == ("127.0.0.1", place.port)
        assert create(place).test_client().get(path).status_code == 200


def test_the_simulators_health_check_asks_the_phone() -> None:
    found = read_arguments(options(services()["bankid"])[1])
    words = services()["bankid"]["healthcheck"]["test"]
    assert health_address(words[-1]) == (found.host, found.phone_port, "/health")


def test_the_databases_health_check_asks_as_the_providers_user() -> None:
    environment = services()["postgres"]["environment"]
    assert services()["postgres"]["healthcheck"]["test"] == [
        "CMD",
        "pg_isready",
        f"--username={environment['POSTGRES_USER']}",
        f"--dbname={environment['POSTGRES_DB']}",
    ]


# ---- safety --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in services() if name != "postgres"])
def test_every_service_of_ours_has_no_more_rights_than_it_needs(name: str) -> None:
    service = services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


def test_the_play_world_takes_part_in_the_demo_alone() -> None:
    for name, service in services().items():
        in_demo = service.get("profiles") == ["demo"]
        assert in_demo == (service.get("build", {}).get("target") == "sandbox"), name


def test_a_node_never_sees_the_key_of_a_relying_party() -> None:
    for name in (*PRODUCT, "customers"):
        assert "minasidor" not in mounts(services()[name]).values()
