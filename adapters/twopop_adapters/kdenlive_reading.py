"""Reads a Kdenlive project (.kdenlive), as twopop or Kdenlive wrote it: MLT's reader, and where Kdenlive differs.

The published adapter is marked deprecated by KDE and loses clips; so this one is ours. A track is a tractor of two
playlists with mixes between them, files are clips of a bin that has their markers, guides are the sequence's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from twopop.timeline import Node, as_list
from twopop.wire import Finding

from .kdenlive_markers import Mark, apart
from .mlt_reading import Entry, MltReader, Overlap, read_with
from .mlt_words import NOTE, property_of


def read_kdenlive(data: bytes, where: str, findings: list[Finding]) -> Node:
    """The Timeline document of a project.

    Raises:
        TimelineError: it is no Kdenlive project, or it has no frame rate.
    """
    return read_with(KdenliveReader, "a Kdenlive project", data, where, findings)


class KdenliveReader(MltReader):
    """Where Kdenlive keeps things."""

    def __init__(self, root: ET.Element, where: str, findings: list[Finding]) -> None:
        self.bin = next(
            (node for node in root.iter("playlist") if node.get("id") == "main_bin"), ET.Element("playlist")
        )
        super().__init__(root, where, findings)
        clips = [self.named[str(entry.get("producer"))] for entry in self.bin.iter("entry")]
        self.clips = {property_of(node, "kdenlive:id"): node for node in clips}

    def sequence(self) -> ET.Element:
        """The main tractor; in newer projects the sequence that it plays."""
        main = super().sequence()
        inner = [self.named[str(track.get("producer"))] for track in main.findall("track")]
        return next((n for n in inner if property_of(n, "kdenlive:sequenceproperties.hasAudio")), main)

    def note_text(self) -> str:
        """It is one of the document's properties."""
        return property_of(self.bin, f"kdenlive:docproperties.{NOTE}")

    def over_tracks(self) -> list[str]:
        """Compositions: transitions between tracks that Kdenlive did not lay there by itself."""
        nodes = (n for n in self.main.findall("transition") if not property_of(n, "internal_added"))
        return [property_of(node, "kdenlive_id") or property_of(node, "mlt_service") for node in nodes]

    def is_sound(self, node: ET.Element, hide: str) -> bool:
        """As track or playlists say."""
        return any(property_of(one, "kdenlive:audio_track") == "1" for one in self._lists(node))

    def is_heard(self, entry: Entry) -> bool:
        """Never: picture and sound of a file lie on tracks of their own."""
        return False

    def is_off(self, node: ET.Element, hide: str) -> bool:
        """A track whose playlists are hidden as a whole."""
        hides = {track.get("hide", "") for track in node.findall("track")}
        return "both" in hides or ("video" in hides and not self.is_sound(node, hide))

    def track_name(self, node: ET.Element) -> str:
        """As the user called it."""
        return property_of(node, "kdenlive:track_name")

    def sounds(self, tracks: list[Node]) -> list[Node]:
        """Its first one lies next to the picture, on top."""
        return tracks[::-1]

    def placed(self, node: ET.Element) -> list[tuple[Entry, Overlap]]:
        """Both playlists as one; a mix says which edit it hides."""
        entries = sorted((e for one in self._lists(node) for e in self.entries(one)), key=lambda e: (e.start, e.first))
        cuts = dict(self._mix_cuts(node))
        found: list[tuple[Entry, Overlap]] = []
        for entry, after in zip_longest(entries, entries[1:]):
            shared = max(0, entry.end - after.start) if after else 0
            ahead = min(shared, cuts.get(after.start, shared // 2)) if after else 0
            found.append((entry, Overlap(shared, ahead)))
        return found

    def clip_name(self, entry: Entry, path: Path | None) -> str:
        """As its clip in the bin is called."""
        return property_of(entry.producer, "kdenlive:clipname") or (path.name if path else "")

    def clip_marks(self, entry: Entry, path: Path | None) -> list[Mark]:
        """They lie on the clip of the bin."""
        ids = (property_of(node, "kdenlive:id") for node in entry.said)
        clip = next((self.clips[one] for one in ids if one in self.clips), None)
        if clip is None:
            return []
        name = path.name if path else property_of(clip, "kdenlive:clipname")
        return self._apart(name, _json(property_of(clip, "kdenlive:markers")))

    def guides(self) -> list[Mark]:
        """Those of the sequence; of the document in older projects."""
        of_sequence = property_of(self.main, "kdenlive:sequenceproperties.guides")
        return self._apart("", _json(of_sequence or property_of(self.bin, "kdenlive:docproperties.guides")))

    def _apart(self, file: str, said: list[dict[str, Any]]) -> list[Mark]:
        """Markers of a file, or ("") the guides, each by itself."""
        return [mark for one in said for mark in apart(one, file, as_list(self.note.get("markers")))]

    def _lists(self, node: ET.Element) -> list[ET.Element]:
        return [node, *(self.named[str(track.get("producer"))] for track in node.findall("track"))]

    def _mix_cuts(self, track: ET.Element) -> Iterator[tuple[int, int]]:
        """Of every mix: its first cut frame, and how many frames later the edit lies that it hides."""
        for mix in track.findall("transition"):
            if said := property_of(mix, "kdenlive:mixcut"):
                yield self.frames(mix.get("in", "0")), self.frames(said)


def _json(text: str) -> list[dict[str, Any]]:
    return json.loads(text) if text.strip() else []
