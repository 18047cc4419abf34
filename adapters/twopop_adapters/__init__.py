"""Editors and interchange formats: one file each, reached through `twopop.registry`."""
