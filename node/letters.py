"""The worker that sends letters by e-mail, one at a time, with the standard library's SMTP client.

A server that is away or says “later” (4yz) is asked again for two days, then the letter is given up;
so it is at once where the address or the letter is refused (5yz, RFC 5321 §4.2.1). What was sent just
before a crash may go twice, under the same Message-ID.
"""

import asyncio
import logging
import smtplib
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import partial

from node.clock import Clock
from node.config import Config
from node.domain.phrases import phrase
from node.ids import short_code
from node.store import letters
from node.store.database import Database
from node.store.letters import Letter
from node.urls import Urls

log = logging.getLogger(__name__)

_SECONDS = 15.0  # for each word of the conversation with the mail server
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=4)
_GIVEN_UP = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Sending:
    """What came of trying: it went, it never will, or neither yet."""

    sent: bool = False
    refused: bool = False
    problem: str = ""


class LetterWorker:
    """Sends what is due. Without a mail server nothing is written, so there is nothing to do."""

    name = letters.WORKER

    def __init__(self, database: Database, clock: Clock, config: Config) -> None:
        self._database = database
        self._clock = clock
        self._config = config

    async def step(self) -> bool:
        """Try one letter; False when none is due."""
        if not self._config.sends_mail:
            return False
        now = self._clock.now()
        letter = await self._database.read(lambda session: letters.next_due(session, now))
        if letter is None:
            return False
        message = composed(letter, self._config["mail.from"], self._config.urls)
        result = await _in_thread(partial(send, self._config, message))
        if result.sent or result.refused or now - letter.created >= _GIVEN_UP:
            done = partial(letters.finish, letter_id=letter.id, sent=result.sent)
        else:
            pause = min(_FIRST_PAUSE * 2 ** min(letter.attempts, 10), _LONGEST_PAUSE)
            done = partial(letters.put_off, letter_id=letter.id, until=self._clock.now() + pause)
        await self._database.write(done)
        if result.problem:
            log.warning("letter %s was not sent: %s", letter.id, result.problem)
        return True

    async def idle_seconds(self) -> float:
        """Until the next letter is due, in seconds."""
        due = self._database.peek(letters.next_at)
        if due is None or not self._config.sends_mail:
            return 3600.0
        return max(0.0, (due - self._clock.now()).total_seconds())


def composed(letter: Letter, sender: str, urls: Urls) -> EmailMessage:
    """The message as it is sent: plain text, nothing that tells us whether it was read."""
    page, language = urls.rsvp(letter.token), letter.language
    code = phrase(
        "letter_code", language, code=short_code(letter.token), address=f"{urls.origin}/rsvp"
    )
    not_me = phrase("letter_not_me", language)
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = letter.recipient
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.created)
    message["Message-ID"] = f"<{letter.id}@{urls.host.partition(':')[0]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no holiday replies
    parts = (
        letter.words,
        f"{phrase('letter_page', language)}\n{page}",
        code,
        f"{not_me}\n{page}/not-me",
    )
    message.set_content("\n\n".join(parts) + "\n")
    message["Content-Language"] = language
    return message


def send(config: Config, message: EmailMessage) -> Sending:
    """Hand one message to the mail server; blocks. The address stands in no word of what it says."""
    try:
        with smtplib.SMTP(config["mail.host"], config["mail.port"], timeout=_SECONDS) as server:
            if config["mail.starttls"]:
                server.starttls(context=ssl.create_default_context())
            if config["mail.user"]:
                server.login(config["mail.user"], config["mail.password"])
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        return Sending(refused=code >= 500, problem=f"the address was refused ({code})")
    except smtplib.SMTPDataError as error:
        code = error.smtp_code
        return Sending(refused=code >= 500, problem=f"the letter was refused ({code})")
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return Sending(problem=type(error).__name__)
    return Sending(sent=True)


async def _in_thread(work: Callable[[], Sending]) -> Sending:
    """Run `work` in a thread that nobody waits for at the end: a mail server must not hold up stopping."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Sending] = loop.create_future()

    def settle(result: Sending) -> None:
        if not done.done():
            done.set_result(result)

    def run() -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - whatever happens in there, the letter stays
            result = Sending(problem=type(error).__name__)
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result)

    threading.Thread(target=run, name="letter", daemon=True).start()
    return await done
