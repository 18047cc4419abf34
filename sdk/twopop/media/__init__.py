"""Pictures and sound on disk: exact files out, foreign files in."""
