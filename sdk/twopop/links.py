"""Relative links between a cut and its takes. What is not ours is never rewritten."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from .timeline import Cut, Node, as_list, as_node


def relative_url(target: Path, folder: Path) -> str:
    """`target` as a link from `folder`: relative (on one drive), with `/`, quoted only where it must be."""
    try:
        path = Path(os.path.relpath(target, folder)).as_posix()
    except ValueError:  # another drive
        path = target.as_posix()
    return quote(path) if set(path) & set("#?%") else path


def local_path(url: str, folders: tuple[Path, ...]) -> Path | None:
    """The existing file a link means, looked up in `folders` where it is relative; None for other kinds of URL.

    This finds a file; whether it may be opened is decided by `media.probe` and the cut's roots.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        raw = parts.path if parts.netloc in ("", "localhost") else f"//{parts.netloc}{parts.path}"
        return Path(unquote(raw))
    if len(parts.scheme) > 1:
        return None
    for text in (url, unquote(url)):
        path = Path(text)
        candidates = [path] if path.is_absolute() else [folder / path for folder in folders]
        for candidate in candidates:
            if candidate.exists():
                return candidate
    return (folders[0] if folders else Path.cwd()) / url


def folders_of(cut: Cut) -> tuple[Path, ...]:
    """The folders a cut's relative links may count from, nearest first."""
    own = (cut.path.parent,) if cut.path else ()
    return own + tuple(root for root in cut.roots if root not in own)


def rebased(document: Node, old: Path, new: Path) -> Node:
    """`document` with our links, written as seen from folder `old`, as seen from folder `new`."""
    if old.resolve() == new.resolve():
        return document
    moved = _rebased(document, old, new)
    ours = as_node(as_node(document.get("metadata")).get("twopop"))
    if "store" in ours:
        store = relative_url(old / str(ours["store"]), new)
        moved = {**moved, "metadata": {**as_node(moved.get("metadata")), "twopop": {**ours, "store": store}}}
    return moved


def _rebased(node: Node, old: Path, new: Path) -> Node:
    changes: dict[str, Any] = {}
    if "tracks" in node:
        changes["tracks"] = _rebased(as_node(node["tracks"]), old, new)
    if "children" in node:
        changes["children"] = [_rebased(as_node(child), old, new) for child in as_list(node["children"])]
    references = as_node(node.get("media_references"))
    if any("twopop" in as_node(as_node(ref).get("metadata")) for ref in references.values()):
        changes["media_references"] = {key: _moved(as_node(ref), old, new) for key, ref in references.items()}
    return {**node, **changes} if changes else node


def _moved(reference: Node, old: Path, new: Path) -> Node:
    if "twopop" not in as_node(reference.get("metadata")):
        return reference
    found = local_path(str(reference.get("target_url")), (old,))
    return {**reference, "target_url": relative_url(found, new)} if found else reference
