"""What every test gets: quick password hashes and static files as they lie."""

import ipaddress
import socket
from itertools import count

import pytest
from django.core.files import locks
from django.db import connection

from glossary.domain.roles import Role
from tests.factories import arm_machine, make_user
from tests.pages import pages_in, render
from tests.site import OPEN

marks = count(1)


@pytest.fixture(autouse=True)
def quick_and_plain(settings, tmp_path_factory):
    """Hash passwords quickly; serve static files without a manifest, which only collectstatic makes; no var/."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.READY_PAGES_COPY = tmp_path_factory.getbasetemp() / "pages.sqlite3"
    settings.SENDING_MARK = tmp_path_factory.getbasetemp() / f"sending-{next(marks)}.txt"
    settings.STATIC_ROOT = tmp_path_factory.getbasetemp() / "static"  # whitenoise reads the folder, which stays empty
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture(autouse=True)
def nobody_outside(monkeypatch):
    """Let no test find a server by its name: the watch over the sources would ask the real ones."""
    real = socket.getaddrinfo

    def only_here(host, *args, **over):
        if host not in {None, "", "localhost", b"localhost"}:
            try:
                ipaddress.ip_address(host if isinstance(host, str) else host.decode())
            except ValueError as error:
                raise socket.gaierror(socket.EAI_NONAME, f"tests call nobody outside: {host!r}") from error
        return real(host, *args, **over)

    monkeypatch.setattr(socket, "getaddrinfo", only_here)


@pytest.fixture(autouse=True)
def no_site_left_open():
    """Close the database connections of the sites that a test has opened."""
    yield
    while OPEN:
        OPEN.pop().close()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory):
    """Keep SQLite's test database in a file: in memory, the live server's threads would share one connection."""
    if connection.vendor == "sqlite":
        folder = tmp_path_factory.mktemp("database")
        connection.settings_dict["TEST"]["NAME"] = str(folder / "test.sqlite3")
        connection.settings_dict["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"  # nothing here is to last


@pytest.fixture(scope="session", autouse=True)
def no_session_left_behind(django_db_setup, django_db_blocker):
    """End what the live server's threads may still hold open, or PostgreSQL refuses to drop the test database."""
    yield
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )


@pytest.fixture
def editor(db):
    """Return somebody who writes."""
    return make_user(Role.EDITOR)


@pytest.fixture
def checker(db):
    """Return somebody who checks and publishes."""
    return make_user(Role.CHECKER, Role.PUBLISHER)


@pytest.fixture
def open_sign_up(db, settings):
    """Make everything ready that signing up for the brief needs: who sends it, and a machine that may."""
    settings.PUBLISHER, settings.POSTAL_ADDRESS = "Deck Press Ltd", "1 Card Street, Springfield"
    settings.CONTACT_EMAIL = "desk@testserver.example"
    arm_machine()


@pytest.fixture(scope="session")
def pages(django_db_setup, django_db_blocker, tmp_path_factory, request):
    """Return every kind of page that readers meet; rendered once, by whichever process of a run comes first."""
    here = tmp_path_factory.getbasetemp()
    shared = here.parent if hasattr(request.config, "workerinput") else here
    with (shared / "pages.lock").open("w") as lock:
        locks.lock(lock, locks.LOCK_EX)
        if not (shared / "pages").exists():
            with django_db_blocker.unblock():
                render(shared / "pages")
    return pages_in(shared / "pages")
