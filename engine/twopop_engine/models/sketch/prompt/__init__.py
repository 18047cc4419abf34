"""Free text to slots: `words`, `lexicon`, `tokens`; `people` and `deeds` (who does what); `reader` (all answers)."""

from .reader import SLOTS, UNSPECIFIED, Doer, Prompt, read_prompt

__all__ = ["SLOTS", "UNSPECIFIED", "Doer", "Prompt", "read_prompt"]
