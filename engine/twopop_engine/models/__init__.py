"""One file or package per joint model, reached through `twopop.registry`."""
