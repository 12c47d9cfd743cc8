"""Links at the desk: what becomes of the names in a card, an editor's word on it, and the policies of its own names."""

from typing import Any

from django.contrib.auth.models import User
from django.http import QueryDict

from glossary.domain.autolink import Why
from glossary.domain.errors import BadText, IllegalMove
from glossary.domain.link_choice import read_answer
from glossary.domain.link_policy import LinkPolicy
from glossary.forms.term import TermForm, typed_aliases
from glossary.models import Sentence, Term
from glossary.services.lexicon import mentions_on, new_names, pages_to_link
from glossary.services.link_choice import CHANGED, offers_in, say_of_link
from glossary.services.link_policy import take_policy

SAVE_FIRST = "Save the card first: what you say of a link is kept with its sentence."


def links_on(form: TermForm, formset: Any, term: Term | None) -> dict[str, Any]:
    """Return the links that the words in the writing form would get, and the pages that would link to its new names.

    A constant few queries; of the form as it was typed, or of what was saved last where nothing was typed.
    """
    draft = None
    if form.is_bound:
        if form.is_valid() & formset.is_valid():
            try:
                draft = form.draft(typed_aliases(formset)).cleaned()
            except BadText:
                draft = None
    elif term is not None:
        draft = term.draft()
    if draft is None:
        return {"links": None}
    names = new_names(term, draft)
    own = term.pk if term is not None else 0
    words = draft.words()
    mentions = mentions_on(words, own=own, also=names)
    offers = offers_in(words, mentions, saved=_saved_sentences(term))
    pages, more = pages_to_link(names, own=own)
    asking = [one for one in offers if one.asks]
    meant = Term.objects.for_readers().filter(pk__in={name.term for one in asking for name in one.names})
    shown = {other.pk: pair[0] for other in meant if (pair := other.shown())}
    return {
        "links": [one for one in offers if one.why == Why.LINKED],
        "asking": [(one, [(name, shown.get(name.term)) for name in one.names]) for one in asking],
        "refused": [one for one in offers if one.why == Why.REFUSED],
        "linking_pages": pages,
        "more_pages": more,
    }


def say(term: Term | None, value: str, *, by: User) -> None:
    """Do what a button beside a link says; raises IllegalMove with a sentence where it cannot be done."""
    if term is None:
        raise IllegalMove(SAVE_FIRST)
    answer = read_answer(value)
    if answer is None:
        raise IllegalMove(CHANGED)
    say_of_link(term, answer, by=by)


def take(term: Term | None, value: str, typed: QueryDict, *, by: User) -> tuple[QueryDict, str]:
    """Give a name the policy of the button; return the form's data with it, so that the next save keeps it.

    Raises IllegalMove with a sentence where it cannot be done.
    """
    policy, _, text = value.partition(":")
    if term is None or policy not in set(LinkPolicy):
        raise IllegalMove("Choose a policy that the list offers.")
    after = take_policy(term, text, LinkPolicy(policy), by=by)
    data = typed.copy()
    if data.get("version") == str(after.version - 1):
        data["version"] = str(after.version)
    if str(data.get("headword", "")).strip() == text:
        data["link_policy"] = policy
    for field in [field for field in data if field.startswith("alias-") and field.endswith("-text")]:
        if str(data[field]).strip() == text:
            data[field.removesuffix("text") + "link_policy"] = policy
    return data, f"“{text}” is “{policy}” from now on."


def _saved_sentences(term: Term | None) -> set[str]:
    """Return the sentences of which something may be said: of the words at hand and of those that readers see."""
    if term is None:
        return set()
    editions = [key for key in (term.working_id, term.published_id) if key is not None]
    rows = Sentence.objects.filter(claims__edition__in=editions)
    return set(rows.values_list("hash", flat=True))
