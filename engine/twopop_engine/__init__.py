"""The joint audio-video models, in their own process."""
