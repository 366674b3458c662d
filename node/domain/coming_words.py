"""Words by which a message says that somebody wants to come, in the languages our groups speak.

They decide only whether somebody is asked; nobody is put on a list by what they write.
"""

import re

_SAID = re.compile(
    "|".join(
        (
            r"\b(i'?m|i am|we'?re|we are|i will be|i'?ll be|we'?ll be) (coming|going|in|there)\b",
            r"\b(count me in|sign me up|rsvp|i'?d (love|like) to (come|join|attend))\b",
            r"\b(attend|register|sign up|can i (come|join))\b",
            r"\b(iré|asistiré|asistir|me apunto|apúntame|cuenta conmigo|inscrib\w+|voy a ir|allí estaré)\b",
            r"\b(ich komme|wir kommen|bin dabei|sind dabei|komme gern\w*|anmeld\w+|melde mich an|teilnehmen)\b",
            r"\b(je viens|j'y serai|je participe|m'inscri\w+|compte[zr]? sur moi|je serai là)\b",
            r"\b(eu vou|irei|estarei lá|conte[mn]? comigo|inscrev\w+|quero participar)\b",
            r"\b(ik kom|ben erbij|aanmelden|inschrijven|nitakuja|nitahudhuria|nitashiriki)\b",
            "سآتي|سأحضر|سنحضر|أنا قادم|سأشارك|سجلني|سجّلني|أريد التسجيل|أود الحضور",
            "参加(し|希望|さ)|आऊँग|आऊंग|शामिल होना|शामिल होऊ",
        )
    ),
    re.IGNORECASE,
)
_LONGEST_READ = 5000


def says_coming(text: str) -> bool:
    """Whether a plain text speaks of coming. Apostrophes may be curly."""
    return _SAID.search(text[:_LONGEST_READ].replace("’", "'")) is not None
