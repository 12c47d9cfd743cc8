"""Whether mail will arrive: the dialogue with the server, the sender's address, and what the DNS has to say."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from shutil import which

from django.conf import settings
from django.core.mail import EmailMessage

from glossary.domain.address import address_key
from glossary.domain.letter import address_header
from glossary.domain.mail import Fate, LineLost, Mail
from glossary.services.brief_mail import mail_domain, sender, sender_fault
from glossary.services.line import Line
from glossary.services.smtp import send_group
from glossary.services.transport import server

Lookup = Callable[[str], list[str] | None]


@dataclass
class MailCheck:
    """What was found: the dialogue, what is wrong, and what else to see to."""

    dialogue: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)
    taken: bool = False


def look_up_txt(name: str) -> list[str] | None:
    """Return the TXT records of a name; None where this machine has no `dig` to ask with, or it gets no answer."""
    dig = which("dig")
    if dig is None:
        return None
    try:
        asked = subprocess.run([dig, "+short", "+time=3", "+tries=1", "TXT", name], capture_output=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if asked.returncode:
        return None
    return [line.replace('" "', "").strip('"') for line in asked.stdout.decode("utf-8", "replace").splitlines()]


def check_mail(to: str, *, lookup: Lookup = look_up_txt) -> MailCheck:
    """Send one test mail to `to` and return what was said and what is wrong. Raises ValueError for no address."""
    to = address_key(to)
    found = MailCheck()
    named = sender()
    _check_sender(named[1], found)
    if settings.EMAIL_PROVIDER and not settings.EMAIL_PROVIDER_SECRET:
        found.advice.append(
            "EMAIL_PROVIDER_SECRET is empty, so the provider cannot tell what came back, and who called it spam."
        )
    if settings.EMAIL_PROVIDER and not settings.EMAIL_HOST:
        _hand_over(to, found)
    elif not settings.EMAIL_HOST:
        found.faults.append(
            "Neither EMAIL_HOST nor EMAIL_PROVIDER is set. Set one to your mail server; until then no mail is sent."
        )
    else:
        _talk(named, to, found)
    domain = named[1].rpartition("@")[2]
    if "." in domain:
        _check_dns(domain, lookup, found)
    return found


def _check_sender(address: str, found: MailCheck) -> None:
    if fault := sender_fault():
        found.faults.append(fault)
        return
    domain, site = address.rpartition("@")[2].lower(), mail_domain()
    if not (domain == site or domain.endswith(f".{site}") or site.endswith(f".{domain}")):
        found.advice.append(
            f"Mails come from {domain}, the site is {site}. Readers trust one name more; use one domain."
        )
    if not settings.SITE_URL.startswith("https://"):
        found.advice.append("SITE_URL has no https: mails go without the header by which mail programs offer to leave.")
    if not settings.POSTAL_ADDRESS:
        found.advice.append("POSTAL_ADDRESS is empty. Many countries want one at the foot of each mail.")


def _test_mail(to: str) -> EmailMessage:
    return EmailMessage(
        f"{settings.SITE_NAME}: a test of mail",
        "Mail arrives. Nothing else is to be done.",
        address_header(sender()),
        [to],
    )


def _hand_over(to: str, found: MailCheck) -> None:
    """Send the test mail by the provider's own interface."""
    try:
        found.taken = bool(_test_mail(to).send())
    except OSError as error:
        found.faults.append(f"{settings.EMAIL_PROVIDER} did not take the mail: {error}")


def _talk(named: tuple[str, str], to: str, found: MailCheck) -> None:
    where = server()
    local = where.host in {"localhost", "127.0.0.1", "::1"}
    if not (where.starttls or where.tls or local):
        found.faults.append(
            "EMAIL_USE_TLS and EMAIL_USE_SSL are off, so mails and password cross the net in clear text."
        )
    message = _test_mail(to)
    try:
        line = Line(where, said=found.dialogue.append)
    except LineLost as error:
        found.faults.append(str(error))
        return
    if "STARTTLS" in line.extensions and not (where.starttls or where.tls):
        found.advice.append("The server offers STARTTLS. Set EMAIL_USE_TLS=on.")
    body = message.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own has it
    results = send_group(line, [Mail(0, named[1], to, body)])
    fate, reply = results.fates[0]
    found.taken = fate == Fate.TAKEN
    if not found.taken:
        found.faults.append(
            f"The server did not take the mail: {reply.code} {reply.text}" if reply else str(results.lost)
        )
    if results.lost is None:
        line.quit()


def _check_dns(domain: str, lookup: Lookup, found: MailCheck) -> None:
    """Say which records the sender's domain needs, and which of them are there, where that can be asked."""
    _check_record([domain], "v=spf1", "SPF", f'{domain} TXT "v=spf1 include:<your mail server> -all"', lookup, found)
    record = f'_dmarc.{domain} TXT "v=DMARC1; p=quarantine; rua=mailto:<you>"'
    _check_record(dmarc_names(domain), "v=dmarc1", "DMARC", record, lookup, found)
    found.advice.append(
        f"DKIM: your mail server signs and names the record, as in <selector>._domainkey.{domain}. It has to cover "
        "List-Unsubscribe and List-Unsubscribe-Post (RFC 8058)."
    )


def dmarc_names(domain: str) -> list[str]:
    """Return where the DMARC record of a domain may stand, the nearest first: its own name, then those above it.

    RFC 7489 6.6.3 looks at the domain and at the one that was registered; which one that is only a list of suffixes
    tells, so all are looked at down to two labels. What is above the registered one has no record.
    """
    labels = domain.split(".")
    return [f"_dmarc.{'.'.join(labels[place:])}" for place in range(max(1, len(labels) - 1))]


def _check_record(names: list[str], begins: str, what: str, record: str, lookup: Lookup, found: MailCheck) -> None:
    """Note whether a record is there under one of the names, the first that has one, or what to set."""
    for name in names:
        records = lookup(name)
        if records is None:
            found.advice.append(f"{what}: see that the DNS has {record}")
            return
        there = next((one for one in records if one.lower().startswith(begins)), None)
        if there is not None:
            found.advice.append(f"{what} is there{'' if name == names[0] else f', at {name}'}: {there}")
            return
    found.faults.append(f"{what} is missing. Set in the DNS: {record}")
