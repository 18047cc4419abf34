"""Free text to slots: `words`, `lexicon`, `tokens`; `people` and `deeds` (who does what); `reader` (all
answers), `answer` (what it gives)."""

from .answer import SLOTS, UNSPECIFIED, Doer, Prompt
from .reader import read_prompt

__all__ = ["SLOTS", "UNSPECIFIED", "Doer", "Prompt", "read_prompt"]
