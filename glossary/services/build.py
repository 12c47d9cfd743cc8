"""What pages are rendered by: one short name for the templates, the code, the static files and the settings."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import django
from django.conf import settings

PLACES = ("templates", "glossary", "deckproject")
KINDS = frozenset({".html", ".py", ".toml", ".txt", ".xml"})
UNSEEN = frozenset(  # what two machines of one site may differ in without a reader seeing it
    """BASE_DIR DATABASES EMAIL_TIMEOUT EMAIL_WORKERS HEARTBEAT_URL LOGGING LOG_LEVEL READY_PAGES_COPY SENDING_MARK
    SETTINGS_MODULE STATICFILES_DIRS STATIC_ROOT TEMPLATES WEEKDAYS""".split()  # noqa: SIM905
)


@lru_cache(maxsize=1)
def build_name() -> str:
    """Return the name of this build: 16 digits of a hash, so that pages rendered by another are not found.

    Every setting counts, but for those named above: a page may show any of them, by a template or by a
    stamp that a key made.
    """
    name = sha256(django.get_version().encode())
    for setting in sorted(one for one in dir(settings) if one.isupper() and one not in UNSEEN):
        value = getattr(settings, setting)
        told = sorted(value) if isinstance(value, set | frozenset) else value
        name.update(f"{setting}={told!r}\n".encode())
    base = Path(settings.BASE_DIR)
    for place in PLACES:
        for path in sorted((base / place).rglob("*")):
            if path.suffix in KINDS and path.is_file():
                name.update(str(path.relative_to(base)).encode() + b"\0" + path.read_bytes())
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if manifest.exists():
        name.update(manifest.read_bytes())
    return name.hexdigest()[:16]
