"""Sending by a provider's own interface: django-anymail, in the words of Django's SMTP backend.

Whoever sends mail here knows four endings: it went, it was refused, it did not go, and nobody knows. This backend puts
what a provider answers into them, so that nothing else has to know one provider from another.
"""

from collections.abc import Sequence
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from ssl import SSLCertVerificationError
from typing import Any

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from requests.exceptions import ConnectTimeout, InvalidHeader, InvalidSchema, InvalidURL, MissingSchema
from urllib3.exceptions import NewConnectionError

from glossary.domain.mail import Refused

KEEPS_ID = {"X-PM-KeepID": "true"}  # Postmark keeps our Message-ID with it
NO_LINE = (  # while a line was made: nothing of a mail can have gone
    ConnectTimeout,
    NewConnectionError,
    SSLCertVerificationError,
    InvalidHeader,
    InvalidSchema,
    InvalidURL,
    MissingSchema,
)
SHUT = {401, 402, 403, 404, 407, 429, 503}  # nothing about this mail: the key, the account, the pace, or a pause


class EmailBackend(BaseEmailBackend):
    """A backend of anymail, whose errors are those of SMTP.

    Raises SMTPRecipientsRefused for a reader whom the provider does not write to, SMTPResponseException for a mail that
    it refuses, Refused where surely nothing went, and another OSError where nobody knows.
    """

    def __init__(self, fail_silently: bool = False, **over: Any) -> None:
        """Make the backend of the provider in the settings; nothing is opened yet."""
        super().__init__(fail_silently=fail_silently, **over)
        self.inner = get_connection(f"anymail.backends.{settings.EMAIL_PROVIDER}.EmailBackend")

    def open(self) -> bool | None:
        """Keep a line open until `close`."""
        return self.inner.open()

    def close(self) -> None:
        """Close the line."""
        self.inner.close()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send mails one by one, and stop at the first that does not go."""
        opened, sent = self.open(), 0
        try:
            for message in email_messages:
                try:
                    sent += self._send(message)
                except OSError:
                    if not self.fail_silently:
                        raise
        finally:
            if opened:
                self.close()
        return sent

    def _send(self, message: EmailMessage) -> int:
        if settings.EMAIL_PROVIDER == "postmark":
            message.extra_headers = {**message.extra_headers, **KEEPS_ID}
        try:
            sent = self.inner.send_messages([message]) or 0
        except AnymailRecipientsRefused as error:
            said = f"5.1.1 {settings.EMAIL_PROVIDER} does not write to this address".encode()
            raise SMTPRecipientsRefused(dict.fromkeys(message.recipients(), (550, said))) from error
        except AnymailAPIError as error:
            raise _as_smtp(error) from error
        except AnymailError as error:  # the mail cannot be put into the provider's form
            raise SMTPResponseException(554, f"5.6.0 {_line(error)}") from error
        _is_a_yes(message)
        return sent


def _is_a_yes(message: Any) -> None:
    """Raise SMTPResponseException where the provider said no in words that anymail does not know as one."""
    status = message.anymail_status
    answer = getattr(status.esp_response, "status_code", 200)
    if answer >= 400 or status.status == {"failed"}:
        raise SMTPResponseException(554, f"5.7.0 {answer} {_line(status.esp_response.text)}")


def _as_smtp(error: AnymailAPIError) -> OSError:
    """Return what an answer of the provider, or its silence, is called in SMTP."""
    status = error.status_code
    if status is None:
        return Refused(_line(error)) if _never_arrived(error) else OSError(_line(error))
    if status in SHUT:
        return Refused(_line(error))
    if 400 <= status < 500 and status != 408:
        return SMTPResponseException(554, f"5.7.0 {_line(error)}")
    return OSError(_line(error))  # it may have gone, and only the answer was lost


def _never_arrived(error: BaseException) -> bool:
    """Return whether the request surely did not reach the provider: no line came about."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, NO_LINE):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _line(error: object) -> str:
    """Return an error, or an answer, in one line."""
    return " ".join(str(error).split())
