"""The words of the prompt reader: slot, value, and the phrases that say so, between commas.

Whoever misses a word adds it here and nowhere else. A phrase of several words wins over its parts ("street lamp" is no
street), so a phrase under `NOTHING` protects its words from being read one by one. Spelling is lower case; a plural in
-s and a hyphen instead of a space are understood of themselves.
"""

from __future__ import annotations

from typing import Final

PLACES: Final = {
    "kitchen": "kitchen, kitchenette, galley, pantry, scullery, cookhouse",
    "cafe": "cafe, café, coffee shop, coffee house, coffeehouse, bistro, restaurant, diner, bar, pub, tavern, canteen, "
    "tearoom, tea room, teahouse, brasserie, trattoria, pizzeria, cafeteria, dining room, eatery, wine bar, saloon, "
    "steakhouse, espresso bar, beer hall, food court, ramen shop, noodle bar, sushi bar, inn, patisserie, ice cream parlour",
    "office": "office, cubicle, boardroom, meeting room, conference room, open plan, workplace, bureau, newsroom, call centre, "
    "call center, coworking space, reception desk, headquarters, law firm",
    "living_room": "living room, livingroom, lounge, sitting room, den, family room, front room, parlour, parlor, drawing room, "
    "tv room, living area, salon",
    "car": "car, taxi, cab, van, truck cab, back seat, backseat, passenger seat, driver's seat, driver seat, front seat, "
    "behind the wheel, at the wheel, dashboard, windscreen, windshield, limousine, limo, sedan, pickup truck, minivan, convertible",
    "street": "street, alley, alleyway, sidewalk, pavement, road, avenue, boulevard, lane, crosswalk, crossing, zebra crossing, "
    "street corner, street market, intersection, bus stop, kerb, curb, crossroads, side street, high street, backstreet, "
    "town square, plaza, cobblestones, footpath, motorway, highway",
    "train_platform": "train platform, platform, railway platform, subway platform, metro platform, tube platform, "
    "station platform, underground platform, track side, trackside, platform edge",
    "forest": "forest, wood, woods, woodland, jungle, rainforest, grove, thicket, pine trees, forest floor, forest path, "
    "wooded path, redwoods, among the trees, between the trees, through the trees, clearing in the woods",
    "beach": "beach, seashore, seaside, shore, shoreline, seafront, sea front, coast, coastline, waterfront, sand, dune, sand dunes, "
    "sandbank, water's edge, promenade by the sea, at the sea, by the sea, by the ocean, beachfront, boardwalk, cove",
    "rooftop": "rooftop, roof, roof terrace, roof garden, roof top, on the roof, rooftop bar, rooftop terrace, roof edge, housetop",
    "stage": "stage, theatre stage, concert stage, footlights, proscenium, bandstand, onstage, on stage, concert hall, opera house, "
    "theatre, theater, stage floor, center stage, centre stage, auditorium",
    "open_sky": "open sky, sky, skies, cloudscape, clouds, above the clouds, in mid air, midair, in the air, heavens",
    "hallway": "hallway, corridor, passageway, passage, hall, entrance hall, entryway, landing, foyer, vestibule",
    "field": "field, meadow, pasture, prairie, grassland, cornfield, wheatfield, wheat field, farmland, farm field, hayfield, "
    "cropland, open country, countryside, barley field, paddock, steppe, heath, moor, moorland, lavender field, grassy plain",
    "station_hall": "station hall, concourse, ticket hall, station concourse, train station, railway station, booking hall, "
    "main station, central station, grand central, departure hall, departures hall, arrivals hall, waiting hall, station, "
    "departure board, departures board, ticket office, terminal hall, train terminal",
    "studio": "studio, photo studio, photography studio, recording studio, sound stage, soundstage, cyc, cyclorama, tv studio, "
    "television studio, dance studio, art studio, white backdrop, seamless backdrop, seamless paper, infinity cove, "
    "infinity wall, vocal booth, sound booth, green screen, artist's studio, radio studio, film studio",
}  # fmt: skip
"""`place`."""

FURNITURE: Final = {
    "kitchen": "stove, oven, cooker, worktop, kitchen sink, cutting board, chopping board, refrigerator, fridge, hob",
    "cafe": "barista, espresso machine, bartender, barman, barmaid, barstool, bar stool",
    "living_room": "sofa, couch, settee, fireplace, armchair, coffee table, mantelpiece, hearth",
    "office": "desk, photocopier, copier, watercooler, water cooler, swivel chair, whiteboard, filing cabinet",
    "street": "street lamp, street light, streetlamp, streetlight, traffic light, lamppost, lamp post, fire hydrant, streetlights come on, "
    "street lights come on, street lights coming on, streetlights coming on, street lamps coming on, street lights flicker on, parked cars, "
    "streetlights flicker on, street lamps flicker on, street lamps come on",
    "car": "steering wheel, rear view mirror, rearview mirror, seatbelt, seat belt, glovebox, glove box",
}
"""Things that stand for their place where no word names one."""

TIMES: Final = {
    "dawn": "dawn, sunrise, daybreak, first light, sun up, sunup, crack of dawn, break of day, sun comes up, sun rises, "
    "rising sun, sun is rising, sun rising, sun coming up, before sunrise, cockcrow, day breaks, sun just up, dawn breaks",
    "day": "day, daytime, daylight, morning, noon, midday, high noon, afternoon, sunshine, sunlight, sunny, sunlit, broad daylight, "
    "noon sun, midday sun, mid morning, lunchtime, lunch hour, noonday, in the sun, late morning, forenoon, sun shines, "
    "sun is shining, bright sun, sun beats down, sun streams, sun streaming, afternoon sun, morning sun, sunbeam, "
    "sun is out, in full sun, hot sun, blazing sun, sun overhead, sun high, teatime, brunch, summer sun, winter sun, spring sun, "
    "harsh sun, warm sun, strong sun, sun pours, sun falls, sun on, a.m, sun drenched, sun soaked, sunbathed, sun dappled, "
    "morning light, early morning, daylit",
    "dusk": "dusk, sunset, sundown, evening, twilight, gloaming, blue hour, golden hour, magic hour, nightfall, sun sets, sun setting, "
    "setting sun, sun goes down, sun going down, sun is setting, sun is going down, streetlights come on, street lights come on, "
    "street lamps come on, street lights coming on, streetlights coming on, street lamps coming on, lamps coming on, lights coming on, "
    "street lights flicker on, streetlights flicker on, lamps flicker on, street lamps flicker on, last light, end of day, "
    "eventide, day fades, light is fading, fading light, light fades, night falls, night is falling, sun sinks, sun dips, sun sinking, "
    "low sun, day is ending, first street lamps, crepuscular, dying light",
    "night": "night, nighttime, night time, midnight, moon, moonlight, moonlit, moonrise, full moon, stars, starlight, starlit, "
    "starry, after dark, tonight, late at night, dead of night, small hours, wee hours, crescent moon, night sky, nocturnal, "
    "past midnight, pitch dark, pitch black, middle of the night, milky way, constellations, overnight, starry sky, overnight",
}
"""`time`."""

WEATHERS: Final = {
    "clear": "sunshine, sunny, blue sky, blue skies, clear sky, clear skies, cloudless, starry, starlit, clear night, clear day, "
    "clear morning, clear evening, clear afternoon, clear weather, clear blue, fair weather, sun shines, sun is shining, sun is out, "
    "sunlight, sunlit, bright sun, sun beats down, blazing sun, noon sun, midday sun, stars, starlight, sun streams, "
    "sun streaming, in the sun, milky way, sunbeam, in full sun, hot sun, morning sun, afternoon sun, sun overhead, "
    "sky is blue, sky is clear, sky clear, azure sky, sun drenched, sun soaked, summer sun, winter sun, spring sun, harsh sun, warm sun, "
    "strong sun, sun pours, starry sky, starry night, bright sky, good weather, fine weather, sunbathed, sun dappled, brilliant sun",
    "rain": "rain, rainy, raining, rainfall, raindrop, drizzle, drizzling, drizzly, downpour, pouring rain, showers, rain soaked, "
    "rain slick, rain slicked, rainwater, pouring down, pouring outside, it pours, it's pouring, it is pouring, cloudburst, bucketing down, "
    "rainy day, rain streaked, rain lashed, rains, rained, spitting, wet weather, torrential, sleet, pelting down, rain swept",
    "snow": "snow, snowy, snowing, snowfall, snowflake, snow flakes, blizzard, snowstorm, snow storm, snow covered, snowdrift, "
    "flurries, snowed, snows, snowbound, snow covered, whiteout, snowbank, powder snow, snow capped",
    "fog": "fog, foggy, mist, misty, haze, hazy, smog, fogbound, fog bank, pea souper, brume, murk, low cloud, fogged in, mist shrouded",
    "wind": "wind, windy, breeze, breezy, gust, gusty, gale, windswept, wind swept, blustery, windblown, wind blown, squall, "
    "gusting, headwind, gale force, wind blows, wind blowing, wind howls, wind howling",
    "storm": "storm, stormy, thunderstorm, thunder, lightning, thunderclap, tempest, rainstorm, hurricane, typhoon, thundery, "
    "thunderous sky, cyclone, electrical storm, thunderhead, thunder and lightning, storm clouds",
}
"""`weather`."""

FRAMINGS: Final = {
    "two_shot": "two shot, 2 shot, twoshot, two hander, medium two shot, med two shot, wide two shot, two up, double shot",
    "over_shoulder": "over the shoulder, over shoulder, over his shoulder, over her shoulder, over their shoulder, "
    "across the shoulder, from behind his shoulder, from behind her shoulder, past his shoulder, past her shoulder, "
    "over the other's shoulder, over the man's shoulder, over the woman's shoulder, over mara's shoulder",
    "insert": "insert, insert shot, cutaway, cut away, macro, macro shot, detail, detail shot, detail of, cut in, product shot, "
    "tabletop shot, inserts, pack shot",
    "wide": "wide, wide shot, wide angle, wide view, extreme wide, extreme wide shot, very wide, super wide, ultra wide, establishing, "
    "establishing shot, establisher, long shot, extreme long shot, very long shot, aerial, aerial view, aerial shot, drone shot, "
    "bird's eye, birds eye, bird's eye view, panorama, panoramic, panoramic view, master, master shot, vista, big wide, "
    "wide open shot, from far away, from a great distance, drone view, top shot, seen from afar",
    "full": "full shot, full length, full body, full figure, head to toe, whole body, full length shot, full body shot, head to foot, "
    "head to feet, whole figure, entire body, from head to toe, from head to foot, toe to head, entire figure",
    "medium_close": "medium close, medium close up, medium closeup, mid close up, head and shoulders, chest up, from the chest up, "
    "bust shot, medium close shot, med close up, med close, shoulders up, semi close, bust, from the shoulders up, "
    "chest and up, mid close, loose close up, chest level, med cu, medium cu",
    "medium": "medium, medium shot, mid shot, midshot, waist up, from the waist up, waist shot, waist high, med shot, medium frame, mid framing, "
    "cowboy shot, american shot, medium long, medium long shot, medium wide, medium wide shot, three quarter shot, medium full shot, "
    "mid length, half length, plan american, plan américain, half body, half figure, knees up, from the knees up, medium framing",
    "close": "close up, closeup, close shot, tight on, tight shot, tight close up, extreme close up, extreme closeup, extreme close, "
    "close on, close in on, choker, big close up, very close, super close, tight framing, face fills the frame, fills the frame, "
    "fills the screen, close view, in close, up close, tight, extreme close on, closer on, close portrait, tight portrait, close ups, "
    "face fills the screen, fill the frame",
}  # fmt: skip
"""`framing`."""

SHORTHAND: Final = {
    "CU": ("framing", "close"), "ECU": ("framing", "close"), "XCU": ("framing", "close"), "BCU": ("framing", "close"),
    "MCU": ("framing", "medium_close"), "MS": ("framing", "medium"), "MLS": ("framing", "medium"), "MWS": ("framing", "medium"),
    "WS": ("framing", "wide"), "EWS": ("framing", "wide"), "LS": ("framing", "wide"), "ELS": ("framing", "wide"),
    "XLS": ("framing", "wide"), "XWS": ("framing", "wide"), "VWS": ("framing", "wide"), "VLS": ("framing", "wide"), "EST": ("framing", "wide"),
    "FS": ("framing", "full"), "2S": ("framing", "two_shot"), "2-S": ("framing", "two_shot"), "M2S": ("framing", "two_shot"),
    "OTS": ("framing", "over_shoulder"), "OS": ("framing", "over_shoulder"), "O/S": ("framing", "over_shoulder"),
    "HH": ("camera", "handheld"),
}  # fmt: skip
"""Short forms, exact: capitals, or lower case where they cannot be a word (`SHORT_ANYWHERE`)."""
SHORT_ANYWHERE: Final = frozenset("cu ecu mcu ews els mls 2s m2s ots ws xcu bcu mws xls xws vws".split())

CAMERAS: Final = {
    "static": "static, static shot, static camera, static frame, locked off, locked, lock off, locked down, on sticks, tripod, on a tripod, "
    "fixed camera, camera fixed, still camera, camera is still, camera still, motionless camera, camera stays still, camera holds, camera rests, "
    "fixed frame, fixed shot, camera is fixed, immobile camera, camera motionless, holds still, unmoving camera, stationary camera, stationary, "
    "camera is locked, steady frame, camera remains still, stays put, camera parked, steady tripod, no camera movement, "
    "no camera move, no movement of the camera, without camera movement, camera stays where it is, frozen frame, fixed lens, "
    "lock the camera, lock camera, locks off, nailed down, camera never moves, bolted down",
    "pan": "pan left, pan right, pans left, pans right, panning, camera pan, camera pans, slow pan, pan across, pans across, pan over, "
    "pans over, pan from, pans from, pan to, pans to, whip pan, swish pan, quick pan, pan along, pans along, tilt, tilt up, tilt down, "
    "tilts up, tilts down, tilts, camera tilts, camera swings, camera sweeps, camera turns, panning shot, gentle pan, a pan across, long pan, "
    "pan of the, we pan, pan up, pan down, pans up, pans down, pan slowly, pans slowly, pan around, pans around, fast pan, "
    "lens swings, swivels, pan with, pans with, flash pan, panned, lens sweeps, sweeping shot, camera sweeps across, pan past, pan between",
    "push": "push in, push on, push toward, push towards, push closer, dolly in, dolly toward, dolly towards, zoom in, zoom on, zoom into, "
    "zoom toward, zoom towards, move in, move closer, creep in, creep closer, creep toward, creep towards, track in, close in on, "
    "closing in on, crash zoom, slow zoom, punch in, inch closer, inch in, inch toward, drift in, push into, camera moves forward, camera approaches, "
    "camera closes in, truck in, slowly closer, edge closer, edge in, edge towards, move toward, dolly forward, dolly closer, "
    "glide in, glide closer, camera glides in, camera nears, getting closer, gets closer, push slowly, camera advances, zoom closer, quick zoom, snap zoom",
    "pull": "pull back, pull out, pull away, dolly out, dolly back, dolly away, zoom out, zoom back, move back, move away, back away, camera retreats, "
    "camera withdraws, widen out, widen to, track back, track out, drift back, drift away, draw back, camera recedes, ease out, ease back, "
    "retreat, widening, truck out, creep back, creep out, creep away, inch back, slowly back, back off",
    "handheld": "handheld, hand held, shaky, shaky cam, shakycam, shoulder mounted, shoulder cam, run and gun, hand held camera, jittery, "
    "documentary camera, camera shakes, jerky, verite, vérité, camera on the shoulder, found footage, wobbly, unsteady, camera jolts, "
    "jostling camera, bumpy camera, camera wobbles, camera trembles, shoulder rig, operated from the shoulder, loose camera, hand operated, hand cam",
    "dolly": "dolly, dolly shot, tracking, tracking shot, trucking, truck left, truck right, steadicam, steadycam, gimbal, crane, crane shot, "
    "follow shot, following shot, camera follows, camera follow, we follow, follow cam, camera tracks, we track, track alongside, tracks alongside, "
    "track with, tracks with, arc, arcing, arcs around, arc around, orbit, orbits, orbiting, camera circles, circling, circles around, "
    "glide, glides, gliding, camera glides, camera floats, floats alongside, camera moves alongside, moves alongside, moving alongside, slides past, sliding, "
    "side tracking, travelling shot, traveling shot, travelling, traveling, camera travels, move alongside, lateral move, "
    "dollies, dollying, dolly along, dolly past, dolly with, dolly left, dolly right, dolly beside, camera walks with, "
    "camera keeps pace, keeps pace with, keep pace with, keeping pace with, camera moves with, camera moves past, camera drifts, slider, "
    "slider shot, rails, on rails, camera rolls alongside, camera moves sideways, track left, track right, tracks left, tracks right, oner, "
    "track along, tracks along, track past, tracks past, track beside, tracks beside, camera runs alongside, crab left, crab right, lateral tracking, jib, "
    "drone follows, drone glides",
}  # fmt: skip
"""`camera`."""

MOODS: Final = {
    "happy": "happy, happily, happiness, joy, joyful, joyous, joyfully, cheerful, cheerfully, cheery, laugh, laughs, laughing, laughter, smile, "
    "smiles, smiling, grin, grins, grinning, delighted, delight, elated, jubilant, merry, upbeat, beaming, beams, ecstatic, overjoyed, "
    "celebrate, celebrates, celebrating, celebration, festive, glad, exuberant, euphoric, feel good, feelgood, jolly, triumphant, gleeful, "
    "gleefully, sunny mood, good mood, high spirits, warm mood, bliss, blissful, thrilled, excited, excitedly, cheering, cheers, radiant, uplifting, "
    "light hearted, lighthearted, optimistic, hopeful, joie de vivre, exhilarated, elation, content smile, cheer",
    "sad": "sad, sadly, sadness, melancholy, melancholic, sorrow, sorrowful, tears, tearful, tearfully, crying, cries, cry, weep, weeps, weeping, sob, "
    "sobs, sobbing, grief, grieving, grieves, mourn, mourns, mourning, mournful, mourners, lonely, loneliness, lonesome, heartbroken, heartbreak, gloomy, gloom, "
    "wistful, bittersweet, dejected, despondent, forlorn, desolate, depressed, downcast, miserable, plaintive, "
    "somber, sombre, elegiac, tragic, regretful, broken hearted, hopeless, despair, blue mood, in tears, teary, funereal, "
    "sorrowfully, woeful, doleful, bereft, nostalgic, unhappy, lament, crestfallen, downhearted",
    "tense": "tense, tension in the air, nervous, nervously, anxious, anxiously, anxiety, uneasy, unease, dread, suspenseful, scared, afraid, frightened, "
    "fearful, fear, terrified, terror, panic, panicked, panicky, on edge, menacing, menace, threatening, threat, nail biting, edgy, apprehensive, "
    "stressful, stressed, worried, claustrophobic, paranoid, foreboding, holding her breath, holding his breath, holds her breath, "
    "holds his breath, jumpy, high stakes, standoff, stand off, nerve racking, nerve wracking, scary, ominous, ominously, "
    "white knuckle, agitated, strained, urgent, breathless suspense, taut, danger, dangerous, gripping, fraught, horror, tension",
    "calm": "calm, calmly, peaceful, peacefully, peace, serene, serenity, tranquil, tranquility, relaxed, relaxing, quiet, gentle, gently, still and quiet, "
    "soothing, meditative, cosy, cozy, placid, restful, contemplative, unhurried, mellow, zen, hushed, stillness, at ease, "
    "laid back, chilled, dreamy, lazy, drowsy, sleepy, composed, sedate, leisurely, idyllic, pensive, reflective, soft mood, tranquillity, languid",
    "angry": "angry, angrily, anger, furious, furiously, fury, rage, raging, enraged, mad at, irate, livid, seething, outraged, hostile, fuming, "
    "fumes, wrathful, heated argument, heated, hot tempered, snarls, snarling, glowering, glowers, aggressive, aggressively, incensed, "
    "irritated, cross with, infuriated, bitter row, furious row, temper, in a rage, boiling over, resentful, annoyed, pissed off, wrath, storming, glare, glares, glaring",
    "romantic": "romantic, romantically, romance, kiss, kisses, kissing, in love, love scene, lovers, intimate, intimacy, tender, tenderly, tenderness, "
    "passionate, embrace, embraces, embracing, amorous, flirting, flirts, flirtatious, love story, lovingly, first date, proposal, proposes, "
    "candlelit dinner, candlelight dinner, adoring, sensual, love, honeymoon, sweethearts, valentine, smitten, affectionate, loving, courtship, caress",
    "mysterious": "mysterious, mysteriously, mystery, eerie, eerily, enigmatic, uncanny, secretive, spooky, ghostly, otherworldly, strange, cryptic, "
    "haunting, haunted, shadowy, surreal, unexplained, unsettling, weird, dreamlike, arcane, intrigue, intriguing, occult, "
    "supernatural, noirish, furtive, furtively, clandestine, inscrutable, puzzling, whodunit, esoteric, mystical, spectral, unearthly",
    "playful": "playful, playfully, whimsical, whimsy, goofy, silly, mischievous, mischievously, teasing, teases, giggle, giggles, giggling, comic, "
    "comedic, comical, comedy, quirky, funny, cheeky, zany, lighthearted fun, fun, slapstick, humorous, prank, tongue in cheek, bouncy, tease, "
    "playing tag, impish, clowning, clowns around, fooling around, joking, jokey, jaunty, frolic, frolicking, horseplay, goofing, frisky",
}  # fmt: skip
"""`mood`."""

STYLES_OF_MUSIC: Final = {
    "jazz": "jazz, jazzy, swing music, swing band, swing, saxophone, sax, bebop, brushed drums, upright bass, double bass, dixieland, trumpet, "
    "bossa nova, big band, muted trumpet, walking bass, brushes on snare, ragtime, cool jazz, brushed snare, lounge music, jazz trio",
    "piano": "piano, piano music, solo piano, soft piano, piano score, piano ballad, piano melody, piano piece, piano theme, nocturne, chopin, satie, "
    "piano chords, piano notes, pianoforte, piano line, a few piano notes, sonata, grand piano",
    "tension": "suspense, suspense score, suspense music, suspenseful music, tension music, tense music, tense score, thriller, thriller score, "
    "thriller music, tension bed, tension cue, drone music, ominous drone, dark drone, ticking score, horror score, horror music, tension underneath, "
    "suspense track, thriller underscore, tension track, tense underscore, low drone, pulsing tension, suspenseful score, "
    "suspense bed, rising tension, tension builds in the music, tense pulse, tension score, tension drone, tension rising, nervous score, nervous underscore, "
    "suspense underscore, suspense cue, thriller cue, ominous music, ominous score, tension strings, "
    "ticking tension, thriller pulse, thriller bed, thriller track, uneasy drone, tense drone, menacing drone",
    "folk": "folk, folk music, folk song, folk tune, folksy, banjo, fiddle, acoustic guitar, mandolin, ukulele, bluegrass, accordion, "
    "country music, irish music, fingerpicked guitar, fingerpicking, folk guitar, jig, celtic, tin whistle, concertina, strummed guitar, sea shanty, "
    "country song, hurdy gurdy, americana, fiddler, fiddles, acoustic strumming, gypsy music, klezmer, ballad on guitar",
    "electro": "electro, electronic, electronica, electronic music, techno, synth, synthesizer, synthesiser, synthwave, synth pop, synthpop, house music, "
    "edm, trance, drum machine, drum and bass, dubstep, electronic beat, dance music, electro beat, club music, trip hop, electro pop, "
    "house beat, club beat, rave, four on the floor, analog synths, retrowave, vaporwave, chiptune, electropop, drum n bass, arpeggiator, 808, "
    "ambient electronica, deep house, acid house, pulsing synths",
    "strings": "strings, string quartet, quartet, violin, cello, viola, orchestral strings, string section, string music, string score, violins, cellos, "
    "solo violin, chamber music, solo cello, cellist, violinist, string orchestra, orchestral, orchestra, symphonic, adagio, string trio, harp, string ensemble",
    "some": "music, score, soundtrack, song, tune, melody, rock, rock and roll, heavy metal, hip hop, rap, reggae, opera, choir, pop song, pop music, blues, classical, "
    "classical music, samba, salsa, disco, funk, waltz, brass band, marching band, harmonica, soul music, gospel, lofi, lo fi, punk, grunge, drums, "
    "drumming, tango, mariachi, bagpipes, flute, organ music, church organ, guitar riff, electric guitar, rock music, r&b, lullaby, "
    "anthem, musical score, underscore, background music, percussion, radio plays, music box, ambient music, flamenco, hymn, choral, "
    "metal music, indie rock, music plays, organ, drum beat, beat, drum roll, singing bowls, ska, motown, guitars, riff, taiko, sitar, steel drums, "
    "clarinet, oboe, brass, mbira, marimba, soul, calypso, reggaeton, surf rock, fanfare, choirs, guitar, tabla, jingle, "
    "instrumental, ballad, carol, theremin, afrobeat, rhumba, rumba, cumbia, merengue, polka, march music, military march",
}
"""`music`."""

VERBS: Final = {
    "walk": "walk, stroll, pace, stride, wander, cross, enter, leave, approach, march, amble, step into, step out, step in, step back, step forward, step off, "
    "step onto, step up, step away, step through, step over, come in, come out, come over, come back, come through, tiptoe, exit, arrive, "
    "trudge, saunter, limp, shuffle, hike, stagger, plod, strut, head for, head to, head toward, head towards, head out, head off, head home, walk in, walk out, "
    "roam, stumble, go over, go out, go in, go away, walks away, walk off, walk up, wade, climb, creep up, sneak, move toward, move towards, "
    "make her way, make his way, make their way, ascend, descend, stroll off, depart, parade, promenade, tramp, loiter along, "
    "prowl, traipse, wend, mosey, return, step down, walk by, pass by, go up, go down, file out, file in, toddle, sidle, storm out, storm off, patrol",
    "run": "run, sprint, jog, dash, race, rush, chase, flee, bolt, hurry, gallop, scurry, tear off, tear down, run away, scamper, charge, hasten, speed off, "
    "hare, pelt, run off, scramble, make a run, break into a run, sprint off, dart, pursue, race off, hurtle, take off running",
    "sit": "sit, sit down, seat, take a seat, be seated, perch, slump into, sink into, settle into, flop onto, flop down, plop down, crouch on the bench, sit up, "
    "straddle, slump on, slump in, slump down, sink onto, sink down, settle onto, settle down on, settle in, lounge, squat on, take her seat, take his seat, "
    "take their seats, sit back, plop onto, slide into the booth, drop into, slide into",
    "stand": "stand, stand up, get up, rise, rise to, get to her feet, get to his feet, stand still, stand there, stand alone, on her feet, on his feet, "
    "jump up, leap up, spring up, get on her feet, rise up, jump to her feet, jump to his feet, leap to, stand by, stand around, on their feet",
    "talk": "talk, speak, say, chat, argue, shout, whisper, tell, discuss, explain, murmur, converse, yell, ask, answer, gossip, debate, lecture, scream, "
    "mutter, bicker, quarrel, call out, whispering, chatter, plead, announce, interview, recite, negotiate, address, babble, greet, "
    "exclaim, declare, apologize, apologise, confess, talk to, order coffee, banter, mumble, scold, beg, swear, preach, interrogate, "
    "read aloud, be on the phone, say hello, say goodbye, bark, row, natter, ramble, complain, protest, brief, bargain, haggle, flatter, "
    "reassure, pitch, dictate, present, report, talk on, confide, blurt, hiss, comment, phone, take a call, makes a call, lie to, reply, respond, lament aloud, call after, chew out, speak up, reprimand, recount",
    "gesture": "gesture, point, shrug, gesticulate, beckon, motion, signal, throw up her hands, throw up his hands, nod at, wag, shake his fist, shake her fist, "
    "spread her arms, spread his arms, wave her arms, wave his arms, wave their arms, thumbs up, give a thumbs up, indicate, mime, salute, raise a hand, "
    "raise her hand, raise his hand, jab a finger, make a gesture, point out, point at, throw her hands up, throw his hands up, flail, throws her arms up, "
    "throw his arms up, talk with her hands, talk with his hands, point to, fold his hands, gesture to, snap her fingers, snap his fingers, hold up a hand, shake a finger, give the finger, high five",
    "pick_up": "pick up, grab, take, lift, snatch, scoop, scoop up, gather up, take up, take out, seize, pluck, raise a glass, raise her glass, raise his glass, "
    "lift up, collect, hoist, grasp, fetch, pocket, retrieve, catch, pull out, swipe, fish out, raise a cup, pick, grabs hold, scoops out, take hold of, "
    "reach for, nab, raise the cup, raise his cup, raise her cup, raise the glass, clutch at, pull off the shelf, pick off, pick from, unhook",
    "put_down": "put down, set down, place, lay down, put back, put on the table, put on the counter, set on, set aside, lay on, put away, deposit, put on, put onto, "
    "drop onto, drop on, rest on the table, leave on the table, lay, set, put, lay aside, set back, lower onto, unload, put into, put in, plonk, "
    "plunk, slam down, drop off, put aside, bring down, drop into the, slap down, plop the, plunk down, set out, lay out, hang up, stack",
    "look": "look, stare, watch, gaze, glance, peer, eye, observe, study, glare, squint, peek, gape, look up, look down, look at, look away, look out, "
    "examine, inspect, check her watch, check his watch, ogle, scan, regard, keep an eye, look around, look over, survey, behold, "
    "turn to look, check the time, gawk, look back, scrutinise, scrutinize, contemplate, spy, search the crowd, look on, leer, admire, "
    "check his phone, check her phone, people watch, meet her eyes, meet his eyes, lock eyes, make eye contact, stargaze, turn her eyes, turn his eyes, avert her eyes, avert his eyes, turns her head to, look for, search the horizon, keep watch",
    "wave": "wave, wave goodbye, wave hello, wave back, wave at, wave to, wave off",
}  # fmt: skip
"""`action`: base forms; the first word is inflected."""

ACTION_NOUNS: Final = {
    "talk": "conversation, in conversation, discussion, argument, chat, speech, phone call, on the phone, on a call, deep in conversation, debate, mid sentence, "
    "shouting match, dialogue, small talk, quarrel, interview, deep in talk, chit chat, in discussion, heart to heart, lecture, monologue, mid conversation, "
    "in mid sentence, sermon, a toast, pep talk, whispers to, row breaks out, gives a toast, telephone call, whispered exchange, pleading, whispered conversation, on the telephone",
    "look": "a glance, a look, eye contact, eyes fixed on, eyes on, eyes follow, gaze fixed, takes a look, have a look, exchange glances, exchange looks, "
    "staring contest, exchange a look, glances, a stare, a gaze, eyes locked on, eyes glued to, eyes wander, eyes drift, eyes turn, lost in the view, her gaze, his gaze, eyes scan",
    "walk": "for a walk, a stroll, on foot, hand in hand down, takes a walk, for a stroll, on a walk, a few steps, takes a step, a step forward, mid stride, takes a few steps",
    "run": "for a run, at a run, in full sprint, breaks into a run, on the run, for a jog, at full speed, full tilt, a dash",
    "wave": "a wave, waves hello, a little wave, gives a wave, a friendly wave",
    "gesture": "a gesture, a shrug, thumbs up, gives a shrug, hand gestures, with a shrug, hand signal, finger pointed, a nod of",
    "sit": "seated, takes a seat, sat, having a seat, on her knees by, cross legged, in a squat, is sat",
    "stand": "on her feet, on his feet, to her feet, to his feet, to their feet, on tiptoe, upright",
}
"""Actions said otherwise than by a verb."""

NOTHING: Final = (
    "street food, street art, street clothes, street style, car key, car keys, car horn, car door, car alarm, car park, office chair, "
    "kitchen knife, kitchen towel, stage fright, stage left, stage right, beach ball, beach towel, beach house, field of view, depth of field, shallow depth of field, deep depth of field, "
    "field trip, bar stool, bar of soap, bar chart, handlebar, bird's nest, sky high, living in, standing ovation, "
    "standing lamp, standing desk, walking stick, running water, running late, running time, looking glass, "
    "stand in for, stands for, stand up comedy, stand up comedian, stand mixer, coat stand, music stand, newsstand, news stand, hot dog stand, night stand, nightstand, "
    "bedside stand, looks like, look like, looks as if, looks as though, look as if, look of, the look, looks tired, looks happy, looks sad, looks angry, looks worried, "
    "looks nervous, looks bored, good looks, points of light, point of view, at this point, "
    "hair band, rubber band, string lights, fairy lights, string of, g string, shoe string, strings of lights, strings of, "
    "close to, close by, closes, closed, close the, close together, close friend, close friends, close her, close his, closely, close their, "
    "full of, full moonlight, in full, wide eyes, wide eyed, wide open, widely, wide smile, wide grin, wide brimmed, wide brim, mile wide, wide river, world wide, wide avenue, "
    "medium length, medium rare, medium sized, medium build, medium height, medium size, happy hour, happy birthday, tight jeans, tight dress, tight grip, tightly, tight schedule, "
    "still life, film set, tv set, set of, set in, set of keys, sets the scene, scene is set, train set, on set, set off, set the table, "
    "place mat, take place, takes place, taking place, in place of, fireplace tools, market place, birthplace, places of, first place, "
    "take off, takes off, taking off, take care, takes care, takes a breath, take a breath, takes a sip, takes a bite, take a sip, takes notes, takes turns, takes time, "
    "takes in, takes a drag, takes a bow, takes a picture, takes a photo, takes her time, takes his time, take a picture, take one, take two, takes it all in, takes part, take part, "
    "one take, single take, long take, takes the stage, takes the call, takes her hand, takes his hand, take your time, takes a long drag, takes a sip of, takes a deep breath, takes him by, takes her by, "
    "catches fire, catches the light, catch fire, catches light, catches her breath, catches his breath, catches the sun, catches his eye, catches her eye, lifts off, lift doors, lift door, "
    "leaves fall, falling leaves, leaves falling, autumn leaves, fallen leaves, dead leaves, leaves rustle, leaves rustling, yellow leaves, red leaves, dry leaves, green leaves, "
    "leaves blow, leaves drift, wet leaves, rustling leaves, leaves behind, leaves of, golden leaves, the leaves, "
    "raise the, crossing her arms, crossing his arms, crosses her arms, crosses his arms, crossed arms, arms crossed, legs crossed, cross legged on, crosses her legs, crosses his legs, the cross, red cross, criss cross, "
    "step ladder, next step, stepmother, front step, doorstep, march of, in march, "
    "wind chime, wind chimes, wind up, wind turbine, wind instrument, window, second wind, winds through, winds its way, winds up, wind the clock, winds down, winds a, wind farm, "
    "brainstorm, storm drain, snow globe, snow white, rain boots, rain coat, rain jacket, rainbow, rain check, fog machine, foggy memory, fog lights, "
    "smoke machine, thunderous applause, lightning fast, storms out of, storms in, "
    "day old, one day, these days, some day, birthday, day job, day off, day after day, sunday best, present day, modern day, days of, every day, all day, valentine's day, day dream, day to day, "
    "day for night, night club, nightclub, night gown, night shirt, good night, goodnight, nightmare, night light, good morning, good evening, good afternoon, good day, night watchman, evening gown, "
    "evening dress, evening wear, morning coat, movie stars, rock star, rock stars, pop stars, pop star, film stars, film star, movie star, stars as, five stars, stars in, gold stars, starring, half moon glasses, moon landing, on the moon, "
    "noon high, dinner party, love seat, love letter, love letters, blue collar, blue eyes, sun hat, sunglasses, sunflower, sunflowers, sun dress, sundress, sun lounger, sun cream, suntan, "
    "drum kit, drum set, song sheet, sheet music, record player, rock face, rocks, rocking chair, rock pool, metal door, pop corn, score board, scoreboard, high score, beats, heart beat, heartbeat, "
    "house of, housework, country road, country house, soul mate, brass handle, brass plate, brass lamp, organ donor, music shop, music video, music teacher, music hall, blue jeans, score of, scores of, keeps score, "
    "piano stool, piano bench, piano lid, piano keys, piano player, beside the piano, next to the piano, past the piano, folk art, folks, violin case, guitar case, cello case, instrument case, "
    "song bird, songbird, songbirds, bird song, birdsong, drums fingers, drums her fingers, drums his fingers, drumming her fingers, drumming his fingers, "
    "fear of, calm sea, calm water, calm waters, quiet on set, love handles, mad scientist, cold war, heated seats, heated pool, strange to say, "
    "talking head, talk show, talkie, walkie talkie, walk of fame, crosswalk signal, waves crash, waves crashing, crashing waves, waves break, waves breaking, waves roll, waves rolling, waves lap, "
    "sound waves, heat waves, radio waves, sea waves, ocean waves, the waves, small waves, big waves, gentle waves, waves hit, waves wash, waves foam, breaking waves, waves come, waves of, wave breaks, wave crashes, the wave, "
    "tall waves, waves against, waves pounding, waves pound, waves slap, permanent wave, "
    "hands clock, minute hand, hour hand, hand towel, hand bag, left hand side, right hand side, on the one hand, second hand, by hand, hand made, handmade, on hand, hand cart, hand rail, hand brake, "
    "tracks in the snow, train track, train tracks, railway track, railway tracks, sound track, tracksuit, track suit, "
    "frying pan, frying pans, sauce pan, pots and pans, pan of, the pan, a pan, hot pan, pan hits, iron pan, baking pan, dust pan, peter pan, pan lid, cast iron pan, his pan, her pan, pan in, pan sizzles, pan on, pan full, "
    "shot glass, shot of whisky, shot of tequila, shot of vodka, gunshot, shotgun, shot dead, locked door, locked in, locked box, locked gate, static electricity, tv static, radio static, static noise, static on the radio, "
    "stationary bike, macro economics, master bedroom, master key, school master, master of, insert coin, inserts a, inserts the, insert the, insert a, in detail, detail work, retail, "
    "orbit the sun, noah's ark, cut in half, train stops, inn keeper, innkeeper, office building, "
    "street sweeper, street vendor, street musician, street musicians, street performer, street performers, bar owner, cafe owner, restaurant owner, stage hand, stagehand, station master, stationmaster, station manager, "
    "beach bag, beach bar, office party clothes, car salesman, taxi driver, cab driver, van driver, car driver, truck driver, driver of, "
    "radio station, police station, gas station, petrol station, space station, service station, work station, power station, fire station, weather station, bus station, "
    "coat hall, dance hall, town hall, city hall, hall of fame, music hall, hall of mirrors, town hall meeting, landing gear, landing on, landing strip, crash landing, moon landing, shore leave, sands of time, "
    "sand castle, sandcastle, sandpaper, sand paper, sandwich, wood floor, wood panel, wood panelled, wood panelling, wood paneled, wood paneling, wood table, wooden, wood grain, made of wood, piece of wood, wood stove, fire wood, "
    "wood fire, dark wood, polished wood, oak wood, wood burning, wood chips, chopped wood, chops wood, chopping wood, wood carving, block of wood, old wood, "
    "passing cars, row of, rows of, first row, front row, back row, den of thieves, road trip, road sign, road map, road works, on the road again, lane change, memory lane, railroad crossing, in passage, rite of passage, "
    "the report, a report, the present, a present, birthday present, at present, the address, an address, home address, return address, the phone, a phone, his phone, her phone, phone booth, phone box, phone rings, phones, mobile phone, cell phone, "
    "a brief, brief moment, briefly, a pitch, pitch perfect, perfect pitch, football pitch, the pitch, the order, an eye, one eye, her eye, his eye, the eye, eye level, eye line, eye patch, bird's eye perspective, eyes closed, eye shadow, "
    "the study, a study, his study, her study, the scan, the survey, the watch, a watch, his watch, her watch, wrist watch, watch strap, night watch, the lay, the set, a set, the put, the race, a race, race car, racing car, race track, the rush, rush hour, the charge, in charge, "
    "charge of, the board, a board, on board, board game, the pace, slow pace, pace of, pick axe, the pick, toothpick, guitar pick, lift music, the lift, the catch, a catch, fishing rod, the motion, slow motion, motion picture, motion blur, in motion, stop motion, the signal, traffic signal, "
    "the dart, darts, hare and, pelts, race of, human race, bolt of, lightning bolt, door bolt, bolts of, bark of, dog barks, dogs bark, dog barking, dogs barking, tree bark, steam hisses, snake hisses, cat hisses, answering machine, the answer, "
    "rise of, sunrises, steam rises, steam rising, smoke rises, smoke rising, dust rises, sun rise, moon rises, mist rises, curtain rises, rises from the, high rise, heat rises, music rises, "
    "return ticket, the return, climb down ladder, exit sign, the exit, an exit, the entrance, fire exit, no exit, approaching train, train approaches, train leaves, train arrives, train enters, train departs, train passes, the approach, approaching storm, "
    "lies down, lie down, in the seat, empty seats, empty seat, seats, car seat, a seat by, window seat, the seat, wooden seat, velvet seats, back row seats, toilet seat, lounge chair, the lounge chair, cocktail lounge, "
    "the row, collects dust, the collection, stack of, stacks of, a stack, laid table, lays eggs, lay of the land, laid back vibe, places to, places at, set designer, sets of, "
    "playing cards, credit card, watch tower, wave pattern, wave machine, microwave, point blank, vanishing point, low point, high point, points east, boiling point, ballpoint, "
    "avoid eye contact, avoids eye contact, avoiding eye contact, talk radio, speaker, loudspeaker, speakers, told you, say cheese, chatroom, exclamation mark, shouting distance, running shoes, running shorts, running track, running board, trail running, runway, running gag, long run, in the long run, running tap, tap running, nose running, engine running, meter running, "
    "walk in closet, walkway, walk on part, boardwalk planks, cat walk, walk in fridge, walk in freezer, jaywalk, sleep walk, spacewalk, space walk, moonwalk, dog walk, walks of life, bride price, march hare, wind tunnel, rose garden, man made, kiss of death"
)
"""Phrases that mean none of what their words would."""

STYLES: Final = {
    "ink": "ink, storyboard, sketch, sketchy, pencil, black and white, line drawing, graphite, charcoal, comic book, manga, hand drawn, hand-drawn, noir style",
    "paint": "paint, painted, painterly, flat colour, flat color, gouache, watercolour, watercolor, flat shapes",
    "photo": "photoreal, photorealistic, hyperrealistic, photographic, live action, imax, kodak, cgi, 3d render, unreal engine, octane, octane render, pixar, ghibli, "
    "anime, claymation, stop motion animation, stop motion, pixel art, oil painting, lego, lowpoly, low poly, cyberpunk style, disney, vhs, super 8, 16mm, 35mm, 70mm, "
    "cel shaded, papercut, paper cut, puppet animation, rotoscope, film grain",
}
"""How it is drawn; what stands under `photo` sketch cannot, and takes the nearest."""

BRANDS: Final = frozenset(
    "coca cola coke pepsi starbucks mcdonald's mcdonalds nike adidas apple iphone ferrari porsche tesla bmw audi mercedes volkswagen toyota ford "
    "rolex gucci prada chanel ikea lego disney google microsoft sony samsung netflix heineken budweiser nespresso vans converse "
    "batman superman spiderman spider-man hulk pikachu mario godzilla shrek elsa barbie yoda vader gandalf".split()
)
"""Names of goods and figures of others; drawn as nobody's in particular."""
