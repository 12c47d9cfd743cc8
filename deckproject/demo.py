"""The environment of the demonstration site: a database, keys and mail folder of its own under `var/`."""

import os
import secrets
from pathlib import Path


def demo_environment(var: Path, *, port: str = "8000") -> dict[str, str]:
    """Return the environment variables under which `manage.py demo` runs.

    The two keys are made once and kept in `var/demo.key` and `var/links.key`, readable by their owner only. An address
    in `SITE_URL` is respected, so that a demonstration can also be shown over https; nothing else of the caller's is
    used, because the demonstration must never touch a real site's database.
    """
    var.mkdir(exist_ok=True)
    site_url = os.environ.get("SITE_URL", f"http://127.0.0.1:{port}")
    return {
        "SECRET_KEY": kept_secret(var / "demo.key"),
        "LINK_KEY": kept_secret(var / "links.key"),
        "DATABASE_URL": f"sqlite:///{var / 'demo.sqlite3'}",
        "SITE_URL": site_url,
        "ALLOWED_HOSTS": os.environ.get("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]"),
        "DEBUG": "off",
        "EMAIL_FILE_PATH": str(var / "mail"),
        "PUBLISHER": "A demonstration of Daily Deck",
        "POSTAL_ADDRESS": "This machine only",
        "CONTACT_EMAIL": "desk@example.org",
        "DEFAULT_FROM_EMAIL": "brief@example.org",
    }


def kept_secret(path: Path) -> str:
    """Return the secret kept in `path`; make one, readable by its owner only, if there is none."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
