"""Words for people: who they are, how many, whether a woman or a man; and what acts without being a person."""

from __future__ import annotations

from typing import Final

WOMEN: Final = frozenset(
    "woman girl lady mother mom mum mommy mummy daughter sister aunt auntie niece grandmother grandma granny wife bride widow "
    "girlfriend waitress actress queen princess ballerina nun hostess stewardess businesswoman saleswoman policewoman housewife "
    "schoolgirl female gal grandmum mama heroine goddess witch maid midwife seamstress diva countess duchess empress matron "
    "bridesmaid landlady chairwoman stepmother mother-in-law fisherwoman spokeswoman sportswoman barmaid barwoman starlet "
    "godmother stepdaughter granddaughter teen-girl mistress madam ma'am soprano abbess noblewoman cowgirl dame temptress "
    "forewoman horsewoman camerawoman anchorwoman craftswoman".split()
)
MEN: Final = frozenset(
    "man boy gentleman father dad daddy son brother uncle nephew grandfather grandpa grandad granddad husband groom widower boyfriend "
    "waiter actor king prince monk host steward businessman salesman policeman schoolboy male guy lad bloke chap dude "
    "gent fisherman cameraman barman cowboy mailman postman fireman doorman milkman repairman craftsman anchorman papa sir "
    "wizard duke lord count landlord chairman stepfather handyman spokesman sportsman workman watchman conman madman swordsman "
    "father-in-law busboy bellboy bellhop paperboy newsboy pope priest baron fella fellow hitman tradesman nobleman "
    "bridegroom godfather stepson grandson emperor baritone tenor foreman hunchback caveman henchman showman stuntman "
    "weatherman clergyman ferryman footman frontman horseman huntsman seaman serviceman snowboarder-boy altar-boy".split()
)
ANYBODY: Final = frozenset(
    "person someone somebody figure silhouette stranger kid child toddler baby infant teen teenager youngster adult elder "
    "pensioner chef cook baker butcher barista bartender server detective inspector cop officer soldier guard sergeant "
    "captain sailor pilot driver passenger commuter traveller traveler tourist visitor customer client guest patron "
    "drinker regular doctor nurse surgeon patient dentist vet teacher student pupil professor scientist engineer "
    "lawyer judge clerk secretary boss manager employee worker co-worker coworker colleague intern assistant receptionist "
    "executive accountant banker broker programmer coder developer designer architect writer author journalist reporter presenter "
    "anchor photographer painter artist sculptor musician pianist violinist cellist guitarist drummer saxophonist trumpeter "
    "bassist singer rapper dj conductor dancer performer comedian clown magician juggler model director producer extra crew-member "
    "usher janitor cleaner plumber electrician carpenter mechanic builder labourer laborer farmer gardener shepherd hunter ranger hiker "
    "climber runner jogger cyclist biker surfer swimmer skater skateboarder skier athlete boxer fighter wrestler player coach "
    "referee lifeguard fisher busker beggar vagrant hobo tramp-person thief robber burglar spy agent killer murderer suspect prisoner gangster "
    "villain hero protagonist astronaut knight pirate vampire-hunter ghost-hunter neighbour neighbor friend lover partner "
    "spouse parent sibling twin cousin relative grandparent grandchild ancestor companion pedestrian passer-by passerby bystander onlooker "
    "shopper seller vendor shopkeeper cashier florist hairdresser barber tailor librarian courier messenger porter "
    "delivery-person witness victim speaker-person mourner worshipper vicar pastor rabbi imam politician president mayor minister "
    "senator activist protester protestor rebel refugee nomad wanderer loner dreamer lookout sentry firefighter paramedic "
    "technician operator dispatcher conductor-person stationmaster ticket-inspector caretaker concierge homeowner tenant roommate flatmate "
    "classmate teammate opponent rival enemy bully bachelor bachelorette newlywed fiance fiancé fiancee fiancée elderly-person "
    "bouncer gambler drunk addict poet philosopher sage prophet shaman chief sheriff outlaw bandit deputy captive hostage "
    "mannequin-maker sommelier dishwasher sous-chef maitre-d bellhop concierge usherette skipper angler rower sunbather beachgoer walker "
    "stroller-pusher camper forager lumberjack woodcutter scout explorer archaeologist researcher inventor hacker gamer streamer influencer vlogger "
    "youngster grown-up oldtimer veteran retiree senior geezer interviewer interviewee candidate applicant salesperson shepherdess "
    "busybody snitch informant negotiator mediator therapist psychiatrist psychologist counsellor counselor patient salesclerk cellmate "
    "staffer staff-member stagehand stage-hand technician gaffer grip-person roadie choirmaster soloist understudy audience-member fan groupie "
    "vagabond latecomer newcomer intruder trespasser runaway fugitive assassin sniper mercenary trooper private lieutenant colonel "
    "general admiral bodyguard chauffeur cabbie trucker rider jockey groomsman toastmaster matchmaker jeweller jeweler watchmaker welder miner "
    "potter weaver cobbler blacksmith brewer vintner waitperson waitstaff-member hostler mourner celebrant pilgrim toddler schoolchild "
    "orphan urchin adolescent tween preteen youth freelancer auditor analyst consultant chairperson spokesperson founder entrepreneur investor landowner "
    "narrator lecturer scholar dean headteacher headmaster principal tutor babysitter nanny au-pair childminder caregiver carer orderly medic "
    "sweeper vendor musician instrumentalist accordionist flautist flutist harpist banjoist fiddler vocalist crooner crooner frontperson".split()
)
PLURAL_ONLY: Final = {
    "people": "many", "crowd": "many", "crowds": "many", "group": "many", "family": "many", "families": "many", "everyone": "many", "everybody": "many",
    "audience": "many", "spectators": "many", "folks": "many", "children": "many", "kids": "many", "staff": "many", "team": "many",
    "gang": "many", "mob": "many", "band": "many", "choir": "many", "orchestra": "many", "quintet": "many", "passersby": "many", "passers-by": "many",
    "mourners": "many", "couples": "many", "extras": "many", "onlookers": "many", "throng": "many", "trio": "many", "police": "many", "personnel": "many",
    "youths": "many", "army": "many", "troupe": "many", "tourists": "many", "horde": "many", "bunch": "many", "crew": "many", "jury": "many", "brigade": "many",
    "dozens": "many", "squad": "many", "ensemble": "many", "queue": "many", "cast": "many", "guests": "many", "congregation": "many", "wedding party": "many",
    "parents": "2", "couple": "2", "pair": "2", "duo": "2", "lovers": "2", "newlyweds": "2", "twins": "2", "sweethearts": "2", "grandparents": "2",
    "duet": "2", "twosome": "2", "honeymooners": "2", "spouses": "2", "diners": "many", "paparazzi": "many", "siblings": "many", "masses": "many", "revellers": "many", "revelers": "many", "partygoers": "many", "commuters": "many",
}  # fmt: skip
"""Nouns that are several people of themselves; a number before them wins."""
IRREGULAR: Final = {
    "men": "man", "women": "woman", "children": "child", "ladies": "lady", "wives": "wife", "gentlemen": "gentleman", "babies": "baby",
    "policemen": "policeman", "policewomen": "policewoman", "businessmen": "businessman", "businesswomen": "businesswoman",
    "fishermen": "fisherman", "cowboys": "cowboy", "firemen": "fireman", "thieves": "thief", "spies": "spy", "salesmen": "salesman",
    "secretaries": "secretary", "grandchildren": "grandchild", "schoolchildren": "schoolchild", "nannies": "nanny", "families": "family",
    "actresses": "actress", "waitresses": "waitress", "bosses": "boss", "witnesses": "witness", "hostesses": "hostess", "witches": "witch",
    "coaches": "coach", "workmen": "workman", "bullies": "bully", "enemies": "enemy", "craftsmen": "craftsman",
}  # fmt: skip
CROWDED: Final = frozenset(
    "crowded busy packed bustling full-house teeming overcrowded populated jam-packed thronged bustle swarming heaving crammed".split()
)
EMPTY: Final = frozenset("empty deserted abandoned unpeopled uninhabited unpopulated lifeless vacant emptied forsaken depopulated".split())
NOBODY: Final = frozenset("nobody no-one noone".split())
BODY: Final = frozenset(
    "hand hands finger fingers face eyes eye lips mouth fist fists palm palms fingertips feet foot shoes boots back-of-head "
    "profile arm arms shoulders forehead cheek cheeks thumb".split()
)
"""Parts that show somebody where no one else is named."""
ACTORS: Final = frozenset(
    "dog cat puppy kitten horse pony donkey cow bull goat sheep lamb pig wolf fox bear lion tiger leopard elephant giraffe "
    "monkey gorilla ape chimp chimpanzee panda koala kangaroo rabbit hare squirrel hedgehog mouse rat hamster otter seal dolphin whale shark octopus "
    "penguin owl parrot eagle raven crow duck swan goose rooster chicken frog toad turtle tortoise snake lizard crocodile alligator "
    "dinosaur t-rex dragon unicorn robot android cyborg alien monster creature beast giant troll ogre orc goblin elf dwarf fairy mermaid centaur minotaur "
    "werewolf vampire zombie ghost spirit phantom skeleton demon devil angel god yeti bigfoot kraken golem wraith mummy mech drone-bot "
    "superhero supervillain snowman scarecrow puppet doll teddy toy-soldier mannequin avatar hologram emperor-penguin meerkat raccoon deer stag moose "
    "camel llama alpaca hippo rhino zebra bee ant spider butterfly snail crab lobster gnome sorcerer samurai ninja gladiator viking".split()
)
"""Animals and beings: they count as people where they do something and nobody else is there."""
THINGS: Final = frozenset(
    "script storyboard camera lens shot rain water train trains bus tram car cars truck van bike boat ship plane cloud clouds smoke steam light lights lamp lamps wind road river stream tear "
    "tears tree trees clock door doors gate music song curtain curtains flag leaves leaf shadow shadows snow fog mist waves phone telephone tv television radio "
    "sun moon star stars building buildings tower bottle glass cup kettle pot pan candle fire flame flames table chair sofa window windows street path "
    "sign wall walls sky sea ocean beach sand grass flower flowers piano guitar violin blood ball coin key letter paper book dust bells bell cello quartet synths "
    "score soundtrack beat house houses mountain mountains hill hills castle bridge stairs staircase elevator lift escalator silence thunder lightning "
    "storm breeze scene story frame view picture film kite balloon drone helicopter rocket spaceship traffic city town village skyline "
    "strings drums bass saxophone trumpet banjo fiddle techno jazz clouds sunlight moonlight puddle puddles raindrops snowflakes snowflake "
    "birds bird gulls gull seagulls seagull flies bag suitcase umbrella hat coat dress scarf rope chain machine engine wheel wheels".split()
)
"""What may stand before a verb and does nothing that is an action of people."""
NUMBERS: Final = {
    "a": "1", "an": "1", "one": "1", "single": "1", "lone": "1", "solitary": "1", "1": "1", "another": "1", "sole": "1",
    "two": "2", "2": "2", "both": "2", "three": "many", "four": "many", "five": "many", "six": "many", "seven": "many", "eight": "many", "nine": "many", "ten": "many",
    "eleven": "many", "twelve": "many", "twenty": "many", "fifty": "many", "hundred": "many", "hundreds": "many", "thousand": "many", "thousands": "many",
    "dozen": "many", "dozens": "many", "several": "many", "many": "many", "some": "many", "few": "many", "numerous": "many", "countless": "many",
    "3": "many", "4": "many", "5": "many", "6": "many", "7": "many", "8": "many", "9": "many", "10": "many", "12": "many", "20": "many", "100": "many", "multiple": "many",
}  # fmt: skip
ADJECTIVES: Final = frozenset(
    "young old elderly little small tall short big tiny fat thin slim middle-aged aged teenage tired weary happy sad angry nervous bored lonely "
    "drunk blonde blond bearded bald grey-haired gray-haired white-haired dark-haired red-haired handsome beautiful pretty elegant well-dressed "
    "masked hooded mysterious lone single solitary black white asian african indian japanese french italian american british scottish irish german "
    "russian chinese exhausted excited curious frightened scared furious worried smiling laughing crying sobbing sleepy sleeping busy anxious calm quiet serious "
    "friendly kind stern strict same other second third first last next only whole entire uniformed injured wounded homeless rich poor "
    "barefoot naked pregnant blind deaf strange unknown unseen distant dark shadowy faceless young-looking older younger elder eldest "
    "male female local new ex former fellow head chief senior junior professional amateur undercover private plain-clothes night street stage "
    "office school college university university police army ballet opera jazz rock folk tv television film movie news taxi bus truck train train cab van "
    "delivery security factory construction wedding concert cafe coffee kitchen restaurant hotel hospital beach forest park platform station line pastry cheerful "
    "melancholy melancholic gentle playful determined confident shy timid brave proud jealous heartbroken grieving loving romantic stylish "
    "scruffy dishevelled disheveled sweaty muddy wet soaked drenched muscular burly stocky wiry frail hunched stooped silver-haired "
    "thirty-something twenty-something aging ageing retired widowed married divorced bespectacled tattooed freckled suited tuxedoed "
    "impatient distracted pensive thoughtful stoic amused puzzled confused surprised shocked stunned startled suspicious very rather quite somewhat "
    "waiting standing sitting seated running walking talking dancing singing kissing whispering arguing".split()
)
"""May stand between an article and a person."""
