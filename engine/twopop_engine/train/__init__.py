"""Corpus, trainer and evaluation of sketch (needs the extra `train`)."""
