"""Is it them or us? When servers that answered until now fall silent together, we are offline. Pure."""

from datetime import datetime, timedelta

_HOSTS = 5
_WITHOUT_SUCCESS = timedelta(seconds=60)


class Uplink:
    """Watches attempts for the signs of our own line being down.

    Offline is: at least five hosts that were not failing before gave no answer at all, and nothing
    was delivered for a minute. The first answer of anybody ends it. While it lasts no attempt counts.
    """

    def __init__(self, now: datetime) -> None:
        self.offline = False
        self._last_answer = now
        self._silent: set[str] = set()

    def answered(self, now: datetime) -> bool:
        """Somebody answered, whatever they said; True if that ends being offline."""
        was_offline, self.offline = self.offline, False
        self._last_answer = now
        self._silent.clear()
        return was_offline

    def silent(self, host: str, now: datetime, *, failed_before: bool) -> bool:
        """A host gave no answer; True if that tells us that we are offline since now.

        Hosts that had failed before are no evidence: they may well be gone for good.
        """
        if not failed_before:
            self._silent.add(host)
        if self.offline or len(self._silent) < _HOSTS or now - self._last_answer < _WITHOUT_SUCCESS:
            return False
        self.offline = True
        return True
