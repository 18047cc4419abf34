"""Words that tie what is seen to the beat of music; such a shot depends on the music bed it lies under."""

from __future__ import annotations

import re
from typing import Final

from .wire import Brief

ON_BEAT: Final = (
    r"(?:to|on|with) (?:the|its|every) (?:beat|rhythm|music)"
    r"|in (?:time|step|rhythm|sync)(?: (?:with|to) the (?:music|beat))?|danc(?:es?|ing)"
)
_ASKS: Final = re.compile(rf"(?<![\w-])(?:{ON_BEAT})(?![\w-])", re.IGNORECASE)


def asks_for_beats(brief: Brief) -> bool:
    """Whether a brief wants something to happen on the beat."""
    return any(_ASKS.search(text) for text in (brief.prompt, brief.camera, brief.style))
