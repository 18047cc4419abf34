"""What a retake changed in a brief, written back into the cut: in the clip's markers, else in its metadata."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .document import edited, with_metadata
from .markers import SOUND_WORDS, parse_marker_text
from .planning import plan_shots
from .timeline import as_list, as_node
from .wire import Brief, Cue, Finding

if TYPE_CHECKING:
    from .plan import Shot
    from .settings import Settings
    from .store import TakeStore
    from .timeline import Cut, Node


def reworded(
    cut: Cut, shot: Shot, brief: Brief, before: Brief, settings: Settings, store: TakeStore
) -> tuple[Cut, list[Finding]]:
    """The cut in which the clip of a shot asks for `brief`, and what there is to say about it.

    Args:
        cut: As it was read.
        shot: Its path in the cut, and its name.
        brief: What the new take was made from.
        before: What the cut asks for now.
        settings: Of the cut.
        store: Its takes.
    """
    findings: list[Finding] = []
    if brief == before:
        return cut, findings
    item = next(item for item in cut.items if item.path == shot.path)
    node = _with_lines(dict(item.node), brief, before, shot.name, findings)
    for cue in before.cues:
        if cue not in brief.cues:
            node = {**node, "markers": _without_cue(as_list(node.get("markers")), cue)}
    if brief.prompt != before.prompt:
        node = _with_prompt(node, brief, before, shot.name, findings)
    changed = cut.with_document(edited(cut.document, {item.path: node}))
    asked = plan_shots(changed, settings=settings, store=store).shot(shot.name).brief
    if (asked.lines, asked.cues, asked.prompt) != (brief.lines, brief.cues, brief.prompt):
        said = (
            "its words stand elsewhere too and were left there: change them, or the next render asks for the old ones."
        )
        findings.append(Finding(level="warning", code="words_elsewhere", message=f"Shot {shot.name}: {said}"))
    return changed, findings


def _with_lines(node: Node, brief: Brief, before: Brief, name: str, findings: list[Finding]) -> Node:
    """The clip with the new words of its lines where the old ones stand."""
    for index, (old, new) in enumerate(zip(before.lines, brief.lines, strict=True)):
        if old.text == new.text:
            continue
        nth = sum(line.text == old.text for line in before.lines[:index])
        markers, found = _with_words(as_list(node.get("markers")), "DX", old.text, new.text, nth)
        node = {**node, "markers": markers}
        if not found:
            node = _stated(node, lambda stated, k=index: {"lines": _lines_with(stated, brief, k)})
            said = f'the new words of line {index + 1} are in the clip\'s metadata (twopop.brief): "{new.text}".'
            findings.append(Finding(level="info", code="words_in_metadata", message=f"Shot {name}: {said}"))
    return node


def _with_prompt(node: Node, brief: Brief, before: Brief, name: str, findings: list[Finding]) -> Node:
    markers, found = _with_words(as_list(node.get("markers")), "PROMPT", before.prompt, brief.prompt, 0)
    if found:
        return {**node, "markers": markers}
    said = "the new prompt is in the clip's metadata (twopop.brief)."
    findings.append(Finding(level="info", code="words_in_metadata", message=f"Shot {name}: {said}"))
    return _stated(node, lambda stated: {"prompt": brief.prompt})


# --- markers ---


def _with_words(markers: list[Any], word: str, old: str, new: str, nth: int) -> tuple[list[Any], bool]:
    """Markers in which the `nth` one that says `old` says `new`, and whether there was one."""
    seen, out = 0, list(markers)
    for place, marker in enumerate(markers):
        if _says(as_node(marker), word, old):
            if seen == nth:
                out[place] = _replaced(as_node(marker), word, old, new)
                return out, True
            seen += 1
    return out, False


def _says(value: Any, word: str, words: str) -> bool:
    if isinstance(value, str):
        return any(said.word == word and said.text == words for said in parse_marker_text(value).instructions)
    return any(_says(part, word, words) for part in _parts(value))


def _replaced(value: Any, word: str, old: str, new: str) -> Any:
    """A marker with the words changed wherever an editor keeps its text (name, comment, Note)."""
    if isinstance(value, str):
        head, found, tail = value.rpartition(old) if _says(value, word, old) else (value, "", "")
        return head + new + tail if found else value
    return _through(value, lambda part: _replaced(part, word, old, new))


def _without_cue(markers: list[Any], cue: Cue) -> list[Any]:
    """Markers without the first line that asks for a cue; a marker that says nothing else goes."""
    out = list(markers)
    for place, marker in enumerate(markers):
        words = [word for word, role in SOUND_WORDS.items() if role == cue.role and (word == "HIT") == cue.hit]
        word = next((word for word in words if _says(as_node(marker), word, cue.text)), "")
        if word:
            left = as_node(_dropped(as_node(marker), word, cue.text))
            out[place : place + 1] = [left] if _texts(left) else []
            break
    return out


def _dropped(value: Any, word: str, words: str) -> Any:
    """A marker's text without the lines of one instruction."""
    if isinstance(value, str):
        return _without_lines(value, word, words) if _says(value, word, words) else value
    return _through(value, lambda part: _dropped(part, word, words))


def _without_lines(text: str, word: str, words: str) -> str:
    kept, dropping = list[str](), False
    for line in text.splitlines():
        said = parse_marker_text(line).instructions
        if said:  # a line without a role goes on with the one before
            dropping = said[0].word == word and words.startswith(said[0].text)
        if not dropping:
            kept.append(line)
    return "\n".join(kept)


def _texts(value: Any) -> bool:
    """Whether any instruction stands in a marker."""
    if isinstance(value, str):
        return bool(parse_marker_text(value).instructions)
    return any(_texts(part) for part in _parts(value))


def _through(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {key: change(part) for key, part in as_node(value).items()}
    return [change(part) for part in as_list(value)] if isinstance(value, list) else value


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(as_node(value).values())
    return as_list(value) if isinstance(value, list) else []


# --- metadata ---


def _stated(clip: Node, change: Callable[[Node], Node]) -> Node:
    """A clip whose metadata states a part of its brief: it wins over every marker at its place."""
    ours = as_node(as_node(clip.get("metadata")).get("twopop"))
    stated = as_node(ours.get("brief"))
    return with_metadata(clip, {**ours, "brief": {**stated, **change(stated)}})


def _lines_with(stated: Node, brief: Brief, index: int) -> list[Any]:
    line = brief.lines[index]
    others = [
        one
        for one in as_list(stated.get("lines"))
        if (as_node(one).get("speaker"), as_node(one).get("at_frames")) != (line.speaker, line.at_frames)
    ]
    return [*others, line.model_dump(mode="json")]
