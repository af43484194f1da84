"""Whether a create form blurs its previews, remembered per reviewer. An error costs the memory, never the form."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import CmtoolsError
from .care import BLUR as BLUR_OF_BOARD

if TYPE_CHECKING:
    from ..client.client import Client

BLUR = "create.blur"
"""The name of the reviewer's preference; without one, the board's holds."""


class Blur:
    """On at the start, and then as the reviewer chose here or on the board."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.on, self._chosen = True, False

    def recall(self) -> None:
        """Ask the service what was chosen before; what was chosen here meanwhile holds."""
        with suppress(CmtoolsError):
            kept = self._client.preferences()
            if not self._chosen:
                self.on = bool(kept.get(BLUR, kept.get(BLUR_OF_BOARD, True)))

    def choose(self, on: bool) -> None:
        """Blur, or not."""
        self.on, self._chosen = on, True

    def remember(self) -> None:
        """Let the service keep it."""
        with suppress(CmtoolsError):
            self._client.set_preferences(**{BLUR: self.on})
