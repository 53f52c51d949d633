"""Two Django sites, made of the guide's settings: mozilla-django-oidc and django-allauth."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from idp_tests.relying_parties import guide
from idp_tests.relying_parties.by_hand.conftest import install, port_of
from idp_tests.relying_parties.conftest import Parties
from idp_tests.relying_parties.person import Person
from idp_tests.relying_parties.programs import running

PACKAGES = ("django==5.2.19", "mozilla-django-oidc==5.0.2", "django-allauth[socialaccount]==65.22.1")
PROJECT = """
import os
DEBUG = True
SECRET_KEY = "for this run alone"
ROOT_URLCONF = "urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib." + name for name in ("auth", "contenttypes", "sessions", "messages")]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
CONTEXT = ["django.template.context_processors.request", "django.contrib.messages.context_processors.messages"]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": CONTEXT},
}]
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"
"""
URLS = """
from django.http import JsonResponse
from django.urls import include, path

def home(request):
    user = request.user
    names = ("username", "first_name", "email", "is_superuser")
    return JsonResponse({name: getattr(user, name) for name in names} if user.is_authenticated else {})

"""
MANAGE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "migrate", "--verbosity=0"])
execute_from_command_line(["manage.py", "runserver", "--noreload", os.environ["ADDRESS"]])
"""


@pytest.fixture(scope="session")
def python() -> str:
    """A Python with Django, apart from ours."""
    place = install("django", [sys.executable, "-m", "venv", "venv"], ["venv/bin/pip", "install", "-q", *PACKAGES])
    return str(place / "venv" / "bin" / "python")


@contextmanager
def site(name: str, urls: str, python: str, parties: Parties, directory: Path) -> Iterator[str]:
    """A site with the guide's settings, at its address."""
    settings = PROJECT + parties.text(f"by_hand/{name}/settings.py")
    (directory / "settings.py").write_text(settings, encoding="utf-8")
    (directory / "urls.py").write_text(URLS + urls, encoding="utf-8")
    (directory / "manage.py").write_text(MANAGE, encoding="utf-8")
    for block in guide.blocks():
        if block.name == f"by_hand/{name}/backends.py":
            (directory / "backends.py").write_text(block.text, encoding="utf-8")
    address = parties.addresses[name]
    environment = {
        "ADDRESS": f"localhost:{port_of(address)}",
        "CLIENT_SECRET": parties.secrets[name],
        "REQUESTS_CA_BUNDLE": str(parties.world.trusted),
    }
    command = [python, "manage.py"]
    with running(command, address=address, log=directory / "log", environment=environment, directory=directory):
        yield address


def test_a_site_with_mozilla_django_oidc_knows_people_by_subject(
    parties: Parties, person: Person, python: str, tmp_path: Path
) -> None:
    urls = 'urlpatterns = [path("", home), path("oidc/", include("mozilla_django_oidc.urls"))]\n'
    with site("parking", urls, python, parties, tmp_path) as address:
        told = person.ask(f"{address}/oidc/authenticate/").told()
    assert told["first_name"] == "Anna"
    assert "@" not in told["username"]
    assert told["email"] == "", "an address that is not confirmed is not stored"
    assert told["is_superuser"] is False


def test_a_site_with_django_allauth_logs_in(parties: Parties, person: Person, python: str, tmp_path: Path) -> None:
    urls = 'urlpatterns = [path("", home), path("accounts/", include("allauth.urls"))]\n'
    with site("depot", urls, python, parties, tmp_path) as address:
        told = person.ask(f"{address}/accounts/oidc/prezero/login/").told()
    assert told["first_name"] == "Anna"
    assert told["is_superuser"] is False
