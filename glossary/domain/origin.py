"""How a site began: what ids that stay for life are made from."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

BORN = date(2026, 1, 1)  # of a site that has not published yet, and of those that did before it was written down


@dataclass(frozen=True)
class Origin:
    """The address and the name with which a site first published, and the day."""

    url: str
    name: str
    on: date

    def tag(self, what: str) -> str:
        """Return a tag URI (RFC 4151): the first host and the day on which it was the site's, and what is named."""
        return f"tag:{urlsplit(self.url).hostname},{_shortest(self.on)}:{what}"


def _shortest(day: date) -> str:
    """Return a day as RFC 4151, 2.1 recommends: without the parts at the end that are a first of January or a 1st."""
    if day.day != 1:
        return day.isoformat()
    return f"{day:%Y-%m}" if day.month != 1 else f"{day:%Y}"
