"""sketch: our own small joint audio-video model."""
