"""The same glossary in Wagtail, set up as `wagtail start` does it: the rival of tests/quality/test_page_speed.py."""
