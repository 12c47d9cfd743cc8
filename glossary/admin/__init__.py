"""The desk: importing these modules registers them with Django's admin."""

from glossary.admin import brief as brief
from glossary.admin import correction as correction
from glossary.admin import deck as deck
from glossary.admin import doubt as doubt
from glossary.admin import fact_check as fact_check
from glossary.admin import person as person
from glossary.admin import report as report
from glossary.admin import source as source
from glossary.admin import subscriber as subscriber
from glossary.admin import tag as tag
from glossary.admin import term as term
from glossary.admin import trail as trail
from glossary.admin import wording as wording
