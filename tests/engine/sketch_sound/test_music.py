import numpy as np
import pytest

from twopop.media.loudness import measure_loudness
from twopop_engine.models.sketch.foley import SAMPLE_RATE
from twopop_engine.models.sketch.music import STYLES, read_music
from twopop_engine.models.sketch.perform import Performance, render_music
from twopop_engine.models.sketch.stems import FULL_SCALE, PEAK_CAP_DBFS, finish
from twopop_engine.models.sketch.tempo import BEND


def test_words_choose_style_tempo_and_key():
    piece = read_music("brushed drums and upright bass, 92 bpm, D minor")
    assert (piece.style, round(piece.bpm), piece.tonic, piece.minor) == ("jazz", 92, 2, True)
    assert read_music("acoustic guitar, Bb major").tonic == 10
    assert read_music("slow piano").bpm < read_music("fast piano").bpm
    assert read_music("soft strings").force < read_music("strings").force < read_music("epic strings").force


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("something blue", "no style named: strings at 66 bpm; there are electro, folk, jazz"),
        ("reggae", "no reggae here: the nearest is folk"),
        ("jazz techno and piano", "jazz and piano at once: jazz"),
        ("jazz 90 bpm, no, 120 bpm", "90 and 120 bpm at once: 90"),
        ("folk 160 bpm", "160 bpm is counted as 80, in half time"),
        ("folk at 30 bpm", "30 bpm is counted as 60, in double time"),
        ("jazz in D minor and E major", "d minor and e major at once: d minor"),
        ("a sad, cheerful piano", "both sad and bright: minor"),
        ("slow fast piano", "both slow and fast: 72 bpm"),
    ],
)
def test_what_is_unknown_or_contradicts_itself_is_said(words, said):
    assert said in "; ".join(read_music(words).guessed)


def test_hits_that_are_heard_as_one_are_said():
    piece = read_music("jazz", (1.0, 1.02, 1.04, 2.0))
    assert piece.hits_s == (1.0, 2.0)
    assert "2 hits are nearer than a tenth of a second" in piece.guessed[0]


def test_the_same_words_and_seed_are_the_same_piece():
    assert read_music("jazz", seed=4) == read_music("jazz", seed=4)
    one, other = (Performance(read_music("jazz", seed=seed)) for seed in (4, 5))
    assert one.notes(3) != other.notes(3)


@pytest.mark.parametrize("style", STYLES)
def test_every_style_plays_and_two_windows_agree_on_every_sample(style):
    piece = read_music(style, seed=1)
    whole = render_music(piece, -20_000, 250_000)
    assert np.isfinite(whole).all()
    assert 0.05 < whole.std() < 1
    other = Performance(piece).render(40_000, 140_000)
    assert np.array_equal(whole[60_000:200_000], other)


def test_a_hit_is_an_accent_in_the_sound():
    piece = read_music("jazz 92 bpm", hits_s=(3.1,))
    energy = (render_music(piece, 48_000, 192_000) ** 2).sum(axis=1).reshape(-1, 480).sum(axis=1)
    rise = np.diff(np.log(energy + 1e-6))
    assert rise[208:213].max() > np.quantile(rise, 0.98)


def test_dense_hits_are_stabs_on_their_own_time():
    hits = (2.0, 2.37, 2.61)
    notes = [note for bar in range(3) for note in Performance(read_music("electro", hits)).notes(bar)]
    for hit in hits:
        struck = [note for note in notes if note.start_s == hit]
        assert {note.instrument for note in struck} >= {"kick", "lead"}
        # only the last has the cymbal, and the others end before the next: it would not be heard to begin
        assert any(note.instrument == "crash" for note in struck) == (hit == hits[-1])
        following = min((other for other in hits if other > hit), default=9.0)
        assert all(hit + note.held_s < following for note in struck)


@pytest.mark.parametrize("style", sorted(STYLES))
def test_every_one_of_close_hits_is_heard_to_begin(style):
    hits = (4.32, 4.63, 4.9)
    sound = Performance(read_music(f"{style} 125 bpm", hits, 3, begin_s=0.0)).render(0, 6 * SAMPLE_RATE)
    for hit in hits:
        at, part = round(hit * SAMPLE_RATE), SAMPLE_RATE // 50
        before, after = ((sound[k : k + part] ** 2).mean() for k in (at - part, at + part))  # bows take their time
        assert 10 * np.log10(after / before) > 12


@pytest.mark.parametrize("seconds", [7.3, 8.0, 9.1, 11.5, 13.7, 17.0, 22.2])
@pytest.mark.parametrize("style", sorted(STYLES))
def test_a_bed_is_filled_to_its_end_and_no_beat_is_bent_for_it(style, seconds):
    piece = read_music(f"{style} 97 bpm", (3.1,), 4, begin_s=0.0, end_s=seconds)
    assert float(piece.tempo.seconds(4.0 * piece.bars)) == pytest.approx(seconds)
    played = piece.tempo.between(0.0, float(piece.tempo.seconds(4.0 * (piece.bars - 1))))
    assert np.abs(np.diff(played) * 97 / 60 - 1).max() < BEND + 0.01
    last = [n for n in Performance(piece).notes(piece.bars - 1) if n.instrument not in ("kick", "crash", "thud")]
    assert min(note.start_s for note in last) >= float(piece.tempo.seconds(4.0 * (piece.bars - 1))) - 0.02
    assert max(note.start_s + note.held_s for note in last) == pytest.approx(seconds, abs=0.06)


def test_the_walking_bass_stays_a_bass():
    jazz = Performance(read_music("jazz"))
    pitches = [note.midi for bar in range(16) for note in jazz.notes(bar) if note.instrument == "bass"]
    assert len(pitches) > 60
    assert min(pitches) >= 28
    assert max(pitches) <= 55


@pytest.fixture(scope="module")
def heard():
    """Every style, a whole piece of about 11 s and a bar after it: the lead sheet and the stem, full scale 1."""
    out = {}
    for style in STYLES:
        piece = read_music(style, seed=2, begin_s=0.0, end_s=11.5)
        until = float(piece.tempo.seconds(4.0 * piece.bars + 5.0))
        sound = Performance(piece).render(0, round(until * SAMPLE_RATE))
        out[style] = piece, finish("music", sound)
    return out


def level_db(sound):
    return 10 * np.log10((sound.astype(float) ** 2).mean() / FULL_SCALE**2 + 1e-12)


@pytest.mark.parametrize("style", sorted(STYLES))
def test_every_style_ends_on_its_tonic_and_is_silent_a_bar_later(heard, style):
    piece, sound = heard[style]
    bars = range(piece.bars - 1, piece.bars + 2)
    last, end, after = (round(float(piece.tempo.seconds(4.0 * bar)) * SAMPLE_RATE) for bar in bars)
    assert (piece.chord(piece.bars - 2), piece.chord(piece.bars - 1)) == (4, 0)
    quarter = (end - last) // 4
    later = end + (after - end) // 2  # the last chord may be held for longer or shorter than a bar
    falls = [level_db(sound[at : at + quarter]) for at in (last, last + 3 * quarter, end, later)]
    assert falls == sorted(falls, reverse=True)
    assert falls[0] > -45
    assert falls[1] < falls[0] - 3
    assert falls[3] < falls[0] - 30
    assert level_db(sound[after:]) < -80
    assert _lowest_pitch_class(sound[last + quarter : end]) == piece.tonic


def _lowest_pitch_class(sound):
    """The pitch class of the strongest tone below 200 Hz: the bass of the last chord."""
    mono = sound.astype(float).mean(1)
    power = np.abs(np.fft.rfft(mono * np.hanning(len(mono)), 4 * len(mono)))
    hz = np.fft.rfftfreq(4 * len(mono), 1 / SAMPLE_RATE)
    low = (hz > 40) & (hz < 200)
    strongest = hz[low][np.argmax(power[low])]
    return round(69 + 12 * np.log2(strongest / 440)) % 12


def test_styles_are_equally_loud_and_sound_like_a_recording(heard):
    loudness = {style: measure_loudness([sound]).integrated for style, (_, sound) in heard.items()}
    assert max(loudness.values()) - min(loudness.values()) < 4.0
    for style, (_, sound) in heard.items():
        left, right = sound.astype(float).T / FULL_SCALE
        peak, cap = max(np.abs(left).max(), np.abs(right).max()), 10 ** (PEAK_CAP_DBFS["music"] / 20)
        assert peak < 0.98 * cap, f"{style} leans on the limiter"
        assert abs(sound.mean()) / FULL_SCALE < 3e-5, f"{style} has DC"
        assert 0.2 < np.corrcoef(left, right)[0, 1] < 0.95, f"{style} is out of phase or mono"
        assert np.abs(np.diff(left)).max() < 0.6 * peak, f"{style} clicks"
        shares = _octave_shares(left + right)
        assert shares.max() < 0.85, f"{style} is all in one octave"
        assert shares[:3].sum() > 0.02, f"{style} has no bottom"
        assert shares[-4:].sum() > 0.001, f"{style} has no air"


def _octave_shares(sound):
    """Share of the power in octaves from 31 Hz to 16 kHz."""
    power = np.abs(np.fft.rfft(sound)) ** 2
    octave = np.floor(np.log2(np.maximum(np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE), 1e-9) / 31.25)).astype(int)
    inside = (octave >= 0) & (octave < 9)
    shares = np.bincount(octave[inside], power[inside], 9)
    return shares / shares.sum()
