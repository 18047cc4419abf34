"""One scene, shot after shot: which shot each goes on from, which take of it, and what of that has changed since.

A shot begins where the one before it in its scene ended. What ended there is a *take*: the one that serves that
shot now, or the one that its request will make (`Before`). It is in no key; where it is another one now, the take
that went on from it is stale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .plan import RETAKE, Plan, Shot
from .request import Before, GenerationRequest, Mask
from .take import Take
from .timebase import seconds_to_frames
from .wire import Level

if TYPE_CHECKING:
    from .profiles import Profile
    from .store import TakeStore

REACH_S = 1.0
"""How much of the end of a take the next shot goes on from."""
_DEEPEST = 60
"""So many shots without a take are sampled for the one after them; JSON of a request must stay readable."""
_SEEN_ON = frozenset(("picture", "effects"))
"""Parts of a take that reach into the next shot."""

Say = Callable[[Level, str, str, Shot], Any]
"""(level, code, message, shot): adds a finding."""


def with_links(
    shots: Sequence[Shot], store: TakeStore, profile: Profile, *, refresh_stale: bool, say: Say
) -> tuple[Shot, ...]:
    """The shots of a plan, each with the one it goes on from; stale where that ends otherwise now.

    Args:
        shots: In cut order.
        refresh_stale: Stale ones are to be generated.
        say: Hears of stale shots, and of `REF: ... end` that names none.
    """
    if not profile.carries:
        return tuple(shots)
    done: dict[str, Shot] = {}
    served = set[str]()
    for shot, follows in zip(shots, _followed(shots, say), strict=True):
        linked = shot.model_copy(update={"follows": follows})
        take = store.by_name(shot.take) if shot.status == "reuse" and shot.take not in served else None
        why = take and _changed(done.get(follows), take, store)
        if why and refresh_stale:
            price = profile.price(shot.needed.frames, take.frame_rate) if take else 0.0
            linked = linked.model_copy(update={"status": "generate", "why": RETAKE, "take": "", "price": price})
        elif why:
            said = f"{why}; --refresh-stale makes it anew"
            linked = linked.model_copy(update={"status": "stale", "why": said})
            say("info", "stale", f"{said}.", shot)
        served.add(linked.take)  # pieces that share a take go on from what its first piece goes on from
        done[shot.name] = linked
    return tuple(done.values())


def _followed(shots: Sequence[Shot], say: Say) -> Iterator[str]:
    """For every shot the name of the one it goes on from, or ""."""
    before: dict[str, Shot] = {}
    last: Shot | None = None
    for shot in shots:
        asked = shot.brief.follows
        if asked and asked.casefold() not in before:
            near = get_close_matches(asked, [one.name for one in before.values()], 1) or [
                one.name for one in [*before.values()][-1:]
            ]
            instead = f"Nearest: {near[0]}." if near else "None stands before it."
            say("warning", "bad_reference", f'REF: "{asked} end" names no shot before it in the cut. {instead}', shot)
        named = before.get(asked.casefold()) if asked else None
        yield named.name if named else last.name if not asked and last and _touch(last, shot) else ""
        before[shot.name.casefold()] = last = shot


def _touch(last: Shot, shot: Shot) -> bool:
    """Whether a shot goes on from the one before it by itself: same scene, no frame between, both at normal speed."""
    straight = last.retime is None and shot.retime is None
    one_take = last.match_key == shot.match_key  # a bladed shot: the second piece is the first one going on
    return straight and not one_take and last.scene == shot.scene and last.record.end == shot.record.start


def _changed(previous: Shot | None, take: Take, store: TakeStore) -> str:
    """Why a take does not go on from what stands before it now; "" where it does."""
    before = take.slate.request.before
    if previous is None or previous.problem:
        return f"{take.name} goes on from {before.shot}, which is not before it now" if before else ""
    if previous.asks:
        same = before is not None and before.match_key == previous.match_key and previous.why != RETAKE
        return "" if same or before is None else f"{take.name} goes on from {previous.name} as it was"
    now = store.by_name(previous.take)
    if now is None or not _can_be_gone_on_from(now, take.slate.request.model):
        return ""
    if before is None:
        return f"{take.name} was made without the end of {previous.name}"
    return "" if _same_end(now, before, store) else f"{take.name} goes on from another take of {previous.name}"


def _can_be_gone_on_from(take: Take, model: str) -> bool:
    path = take.path("latents")
    return take.slate.request.model == model and path is not None and path.is_file()


def _same_end(now: Take, before: Before, store: TakeStore) -> bool:
    """Whether a take ends as the one did that was gone on from: it is that one, or a retake left its end alone."""
    if before.is_of(now.slate.request):
        return True
    then = _made(store, before.match_key, before)
    return then is not None and not {t.name for t in _alike(now, before, store)}.isdisjoint(
        t.name for t in _alike(then, before, store)
    )


def _made(store: TakeStore, key: str, wanted: Before | GenerationRequest) -> Take | None:
    """The stored take of a key, seed and range."""
    for take in store.candidates(key):
        made = take.slate.request
        if (made.seed, made.generated) == (wanted.seed, wanted.generated):
            return take
    return None


def _alike(take: Take, before: Before, store: TakeStore) -> Iterator[Take]:
    """A take and its elders, as far back as no retake touched its end."""
    one: Take | None = take
    while one is not None:
        yield one
        made = one.slate.request
        low = before.end_frame - seconds_to_frames(REACH_S, made.frame_rate)
        masks = [Mask.model_validate(mask) for mask in one.slate.facts.get("masks", ())]
        touched = any(m.part in _SEEN_ON and m.range.start < before.end_frame and m.range.end > low for m in masks)
        one = store.by_name(made.retake.parent) if made.retake and not touched else None


class Continuity:
    """Completes the requests of a run with what each goes on from, when its turn comes.

    The shot before may have its take by then, from this run or an earlier one, or may not be asked for at all: the
    result is the same, for the model samples the same tokens from its request that its take would hold.

    Args:
        plan: Whose shots are linked.
        profile: Of the model that makes them.
        requests: Of this run.
        store: Where takes are.
    """

    def __init__(self, plan: Plan, profile: Profile, requests: Iterable[GenerationRequest], store: TakeStore) -> None:
        self._plan, self._profile, self._store = plan, profile, store
        self._asked = {name: request for request in requests for name in request.shots}
        self._shots = {shot.name: shot for shot in plan.shots}

    def complete(self, request: GenerationRequest, depth: int = 0) -> GenerationRequest:
        """A request with its `before`; retakes keep what their parent went on from, beds and other models have none."""
        if not self._profile.carries or request.kind == "bed" or request.retake or depth > _DEEPEST:
            return request
        lead = self._lead(request)
        previous = self._shots.get(lead.follows) if lead else None
        before = self._before(previous, lead, request.model, depth) if lead and previous else None
        return request.model_copy(update={"before": before})

    def _lead(self, request: GenerationRequest) -> Shot | None:
        """The first piece in the cut of those that share the take."""
        own = self._shots.get(request.shots[0])
        return own and next((s for s in self._plan.shots if s.match_key == own.match_key), own)

    def _before(self, previous: Shot, lead: Shot, model: str, depth: int) -> Before | None:
        end = previous.first + previous.record.frames
        take, asked = self._take(previous), self._request(previous)
        made = take.slate.request if take else asked
        if made is None or made.model != model or not made.generated.start < end <= made.generated.end:
            return None
        facts: dict[str, Any] = {"match_key": made.match_key, "seed": made.seed, "generated": made.generated}
        moment = {"shot": previous.name, "end_frame": end, "at_frame": lead.first}
        if take is None:
            sketched = self._for_tokens(made, depth)
            return sketched and Before(**moment, **facts, request=sketched)
        path, record = take.path("latents"), take.slate.files.get("latents")
        if path is None or record is None or not path.is_file():
            return None
        return Before(**moment, **facts, latents=str(path), latents_sha256=record.sha256)

    def _take(self, shot: Shot) -> Take | None:
        if not shot.asks:
            return self._store.by_name(shot.take) if shot.take else None
        asked = self._request(shot)
        take = _made(self._store, asked.match_key, asked) if asked else None
        return take if take and self._store.usable(take) else None

    def _request(self, shot: Shot) -> GenerationRequest | None:
        """What a shot is, or would be, made from."""
        return None if shot.problem else self._asked.get(shot.name) or self._others.get(shot.name)

    @cached_property
    def _others(self) -> dict[str, GenerationRequest]:
        """Of shots that the plan asks for and this run leaves out."""
        return {name: r for r in self._plan.requests(self._profile, self._store) for name in r.shots}

    def _for_tokens(self, request: GenerationRequest, depth: int) -> GenerationRequest | None:
        """A request of which only tokens are wanted: without files. None where its lines are recordings."""
        if request.retake or any(reference.kind == "line" for reference in request.brief.references):
            return None
        bare = request.brief.model_copy(update={"references": ()})
        return self.complete(request.model_copy(update={"brief": bare}), depth + 1)
