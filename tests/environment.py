"""The environment of the tests, set before Django reads its settings."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)
os.environ.setdefault("LINK_KEY", "links-in-tests-" + "y" * 40)
os.environ["DEFAULT_FROM_EMAIL"] = "brief@testserver.example"
os.environ["SITE_URL"] = "http://testserver"
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
