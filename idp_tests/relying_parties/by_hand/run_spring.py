"""A Spring Boot application with the guide's security configuration, and a logout that comes from elsewhere."""

from pathlib import Path

import pytest

from idp_tests.patience import soon
from idp_tests.relying_parties.by_hand.conftest import install, need, port_of
from idp_tests.relying_parties.conftest import Parties
from idp_tests.relying_parties.person import Person
from idp_tests.relying_parties.programs import running

SPRING_BOOT = "3.5.6"
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <parent>
    <groupId>org.springframework.boot</groupId>
    <artifactId>spring-boot-starter-parent</artifactId>
    <version>{SPRING_BOOT}</version>
    <relativePath/>
  </parent>
  <groupId>example</groupId>
  <artifactId>fleet</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.springframework.boot</groupId>
      <artifactId>spring-boot-starter-web</artifactId>
    </dependency>
    <dependency>
      <groupId>org.springframework.boot</groupId>
      <artifactId>spring-boot-starter-oauth2-client</artifactId>
    </dependency>
  </dependencies>
  <build>
    <finalName>fleet</finalName>
    <plugins>
      <plugin>
        <groupId>org.springframework.boot</groupId>
        <artifactId>spring-boot-maven-plugin</artifactId>
      </plugin>
    </plugins>
  </build>
</project>
"""
APPLICATION = """package fleet;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.client.oidc.web.logout.OidcClientInitiatedLogoutSuccessHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestCustomizers;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
public class Fleet {
    public static void main(String[] arguments) { SpringApplication.run(Fleet.class, arguments); }

    @GetMapping("/")
    Map<String, Object> home(@AuthenticationPrincipal OidcUser person) { return person.getClaims(); }

%s}
"""


@pytest.fixture(scope="module")
def jar(parties: Parties, tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("fleet")
    sources, resources = project / "src/main/java/fleet", project / "src/main/resources"
    for directory in (sources, resources):
        directory.mkdir(parents=True)
    (project / "pom.xml").write_text(POM, encoding="utf-8")
    configuration = parties.text("fleet/SecurityConfiguration.java")
    (sources / "Fleet.java").write_text(APPLICATION % configuration, encoding="utf-8")
    properties = parties.text("fleet/application.properties")
    (resources / "application.properties").write_text(properties, encoding="utf-8")
    install("spring", [need("mvn"), "-q", "-f", str(project / "pom.xml"), "package"])
    return project / "target" / "fleet.jar"


def test_a_spring_application_logs_in_and_is_told_of_a_logout(
    parties: Parties, person: Person, jar: Path, tmp_path: Path
) -> None:
    store = tmp_path / "trust.p12"
    keytool = [need("keytool"), "-importcert", "-noprompt", "-alias", "sandbox", "-file", str(parties.world.trusted)]
    install("spring", [*keytool, "-keystore", str(store), "-storepass", "changeit", "-storetype", "PKCS12"])
    address = parties.addresses["fleet"]
    command = [need("java"), f"-Djavax.net.ssl.trustStore={store}", "-Djavax.net.ssl.trustStorePassword=changeit"]
    command += ["-jar", str(jar), f"--server.port={port_of(address)}"]
    environment = {"CLIENT_SECRET": parties.secrets["fleet"]}
    with running(command, address=address, log=tmp_path / "log", environment=environment, directory=tmp_path):
        told = person.ask(f"{address}/oauth2/authorization/prezero").told()
        assert told["name"] == "Anna Andersson"
        person.ask(f"{parties.issuer}/logout").confirm_logout()

        def is_logged_out() -> bool:
            return person.http.get(address, allow_redirects=False, timeout=20).status_code == 302

        soon(is_logged_out, "Spring ends its session when the provider says so")
