"""The rows; each noun has its own file."""

from glossary.models.alias import Alias as Alias
from glossary.models.claim import Claim as Claim
from glossary.models.claim import ClaimCheck as ClaimCheck
from glossary.models.claim import Sentence as Sentence
from glossary.models.claim import SentenceAuthor as SentenceAuthor
from glossary.models.deck import Card as Card
from glossary.models.deck import Deck as Deck
from glossary.models.edition import Edition as Edition
from glossary.models.fact_check import FactCheck as FactCheck
from glossary.models.installation import Installation as Installation
from glossary.models.name import Meaning as Meaning
from glossary.models.name import Name as Name
from glossary.models.name import OldSlug as OldSlug
from glossary.models.source import Evidence as Evidence
from glossary.models.source import PassageKind as PassageKind
from glossary.models.source import Publisher as Publisher
from glossary.models.source import Source as Source
from glossary.models.term import Term as Term
from glossary.models.trail import TrailEntry as TrailEntry
