"""What every test gets: quick password hashes and static files as they lie."""

import pytest


@pytest.fixture(autouse=True)
def quick_and_plain(settings, tmp_path_factory):
    """Hash passwords quickly; serve static files without a manifest, which only collectstatic makes."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STATIC_ROOT = tmp_path_factory.getbasetemp()
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
