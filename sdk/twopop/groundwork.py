"""What a plan rests on before any shot is looked at: the takes, the model, and what the cut was made with."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import UsageError
from .naming import safe_name
from .plan import Plan
from .profiles import PROFILES, Profile
from .registry import BACKENDS
from .settings import Settings, kept_settings
from .timeline import Cut, Node, as_node

if TYPE_CHECKING:
    from .request import GenerationRequest
    from .store import TakeStore

_SIZE = (1280, 720)
"""Where nothing says one."""


def open_store(cut: Cut, settings: Settings, store: TakeStore | Path | None = None) -> TakeStore:
    """The take store of a cut: as given, else the one it names or plays takes of, else `settings.store` beside it."""
    from .store import MARKER, TakeStore
    from .whose_takes import found_store, noted_store

    if isinstance(store, TakeStore):
        return store
    usual = (cut.path.parent if cut.path else Path.cwd()) / settings.store
    if store is not None or settings.store != Settings().store:
        return TakeStore(store or usual)
    named = noted_store(cut)
    if named and (named / MARKER).is_file():
        return TakeStore(named)
    return found_store(cut, named or usual)


def profile_of(settings: Settings, folder: Path | None = None) -> Profile:
    """The profile of the chosen backend: a row of `PROFILES`, else what the backend says of itself."""
    kind, _, model = settings.backend.partition(":")
    name = (model or settings.engine.model) if kind == "local" else settings.backend
    if kind in BACKENDS and name in PROFILES:  # nothing of the wire is imported to plan for a known model
        return PROFILES[name]
    from .backends.opening import open_backend

    backend = open_backend(settings.backend, settings, folder=folder)
    try:
        return backend.profile
    finally:
        backend.close()


def empty_plan(cut: Cut, known: Cut, settings: Settings, store: TakeStore, profile: Profile) -> Plan:
    """The plan of `cut` before its shots; `known` is the cut with our takes recognised in it.

    Raises:
        UsageError: only one of width and height is set.
    """
    from .whose_takes import said_of

    width, height = _stated_size(cut, settings) or _made_size(known, store) or _SIZE
    return Plan(
        cut=safe_name(cut.name.removesuffix(".conformed"), "cut"),
        cut_path=cut.path,
        cut_digest=cut.digest,
        store=store.root,
        backend=settings.backend,
        profile=profile,
        frame_rate=cut.frame_rate,
        start_frames=cut.start_frames,
        drop_frame=cut.drop_frame,
        width=width,
        height=height,
        media=settings.media,
        all_stems=settings.all_stems,
        retime=settings.retime or "keep",
        reset_audio=settings.reset_audio,
        tracks={**settings.tracks},
        kept=kept_settings(settings),
        findings=(*cut.findings, *said_of(cut, settings, store)),
    )


def _stated_size(cut: Cut, settings: Settings) -> tuple[int, int] | None:
    """Picture size: settings, else the cut's metadata; None where neither says."""
    if settings.width and settings.height:
        return settings.width, settings.height
    if settings.width or settings.height:
        raise UsageError("Give width and height together, or neither.")
    metadata = as_node(cut.document.get("metadata"))
    stack = as_node(as_node(cut.document.get("tracks")).get("metadata"))
    for node in (
        as_node(metadata.get("twopop")),
        as_node(as_node(stack.get("PremierePro_OTIO")).get("VideoResolution")),
    ):
        width, height = node.get("width"), node.get("height")
        if isinstance(width, int) and isinstance(height, int) and width > 0 and height > 0:
            return width, height
    return None


def _made_size(cut: Cut, store: TakeStore) -> tuple[int, int] | None:
    """The size most takes in a cut have: an editor's export does not say what it was rendered at."""
    sizes = Counter((request.width, request.height) for request in _made_for(cut, store))
    return sizes.most_common(1)[0][0] if sizes else None


def noted_settings(cut: Cut, store: TakeStore) -> Node:
    """What a conformed cut notes of its settings; where an editor dropped the note, what most of its takes say."""
    ours = as_node(as_node(cut.document.get("metadata")).get("twopop"))
    if ours:
        return as_node(ours.get("settings"))
    said: list[Node] = [request.settings for request in _made_for(cut, store)]
    return max(said, key=said.count) if said else {}


def _made_for(cut: Cut, store: TakeStore) -> list[GenerationRequest]:
    """The requests behind the pictures of a cut."""
    names = (str(item.ours["take"]) for item in cut.items if item.ours.get("role") == "shot" and "take" in item.ours)
    return [take.slate.request for name in names if (take := store.by_name(name))]
