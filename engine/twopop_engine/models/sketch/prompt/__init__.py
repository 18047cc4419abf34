"""Free text to slots: `words` (what is known), `lexicon`, `tokens`, `people` (who does what), `reader` (the answers)."""

from .reader import SLOTS, UNSPECIFIED, Doer, Prompt, read_prompt

__all__ = ["SLOTS", "UNSPECIFIED", "Doer", "Prompt", "read_prompt"]
