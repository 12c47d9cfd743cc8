"""The page on the quality of the decks: a few measures with their wishes."""

from math import ceil, log2
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from glossary.domain.deck import DECK_SIZE, effective_gap
from glossary.domain.deck_quality import DeckQuality
from glossary.domain.roles import Action
from glossary.services.deck_quality import DAYS, recent_quality
from glossary.services.roles import may

MOST_BITS = log2(DECK_SIZE)
FAIR_GINI = 0.15
FEW_OVERRIDES = 0.2
SLACK = 1.2  # all is shown after a fifth more days than the stock has decks


def quality_view(request: HttpRequest) -> HttpResponse:
    """Show how the decks of the last 90 days were."""
    if not may(request.user, Action.READ_DESK):
        raise PermissionDenied
    quality = recent_quality()
    context = {
        **admin.site.each_context(request),
        "title": f"Decks of {DAYS} days",
        "days": DAYS,
        "quality": quality,
        "measures": _measures(quality),
        "topics": [
            {
                "name": name,
                "cards": cards,
                "shown": round(100 * cards / (quality.cards or 1)),
                "stock": round(100 * share),
            }
            for name, cards, share in quality.topics
        ],
    }
    return TemplateResponse(request, "admin/glossary/deck/quality.html", context)


def _measures(quality: DeckQuality) -> list[dict[str, Any]]:
    topics = len(quality.topics)
    gap = effective_gap(quality.stock)
    allowed = f"days between two appearances of a term; {gap + 1} is what the stock allows"
    fair = min(1.0, quality.cards / quality.stock / SLACK) if quality.stock else 0.0
    shown = f"of the stock; {round(100 * fair)} % after so many decks"
    return [
        _share("Coverage", quality.coverage, shown, good=quality.coverage >= fair),
        _row("Shortest gap", quality.shortest_gap, allowed, 28, least=gap + 1),
        _row("Median gap", quality.median_gap, "days; as long as the shortest, or longer", 28, least=gap + 1),
        {
            "name": "Spread of topics",
            "value": f"{quality.entropy:.2f} bits",
            "width": round(100 * quality.entropy / MOST_BITS),
            "good": topics < 4 or quality.entropy >= log2(4),
            "wish": f"within a deck; {MOST_BITS:.2f} is the most that seven cards can have",
        },
        {
            "name": "Topics against the stock",
            "value": f"{quality.divergence:.2f} bits",
            "width": min(100, ceil(100 * quality.divergence)),
            "good": quality.divergence <= 0.5,
            "wish": "0 if topics are shown as often as the stock has them",
        },
        _share("Easy cards", quality.easy, "at least 2 of 7, which is 29 %", good=quality.easy >= 2 / DECK_SIZE),
        _share("Hard cards", quality.hard, "at most 2 of 7, which is 29 %", good=quality.hard <= 2 / DECK_SIZE),
        _share(
            f"Most shown maker: {quality.vendor}" if quality.vendor else "Most shown maker",
            quality.vendor_share,
            "at most 2 of 7, which is 29 %",
            good=quality.vendor_share <= 2 / DECK_SIZE,
        ),
        _row("Read too early", quality.out_of_order, "cards before one that is to be read first; 0", 7, lowest=True),
        {
            "name": "Evenness (Gini)",
            "value": f"{quality.gini:.2f}",
            "width": round(100 * quality.gini),
            "good": quality.gini <= FAIR_GINI or quality.cards < quality.stock,
            "wish": f"0 if each term was shown as often; at most {FAIR_GINI} once all were shown",
        },
        _share("Chosen against a rule", quality.overrides, "under 20 %", good=quality.overrides < FEW_OVERRIDES),
    ]


def _share(name: str, share: float, wish: str, *, good: bool) -> dict[str, Any]:
    return {"name": name, "value": f"{round(100 * share)} %", "width": round(100 * share), "good": good, "wish": wish}


def _row(
    name: str, value: float | None, wish: str, most: int, *, lowest: bool = False, least: int = 0
) -> dict[str, Any]:
    shown = "none yet" if value is None else f"{value:g}"
    width = min(100, round(100 * (value or 0) / most))
    good = not (lowest and value) and (value is None or value >= least)
    return {"name": name, "value": shown, "width": width, "good": good, "wish": wish}
