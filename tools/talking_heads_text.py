"""What the synthetic speakers say: fixed sentences for the test part, a small grammar for training.

Written for this project. Words are spelt out (no digits, no abbreviations), so that a transcript is
what is heard. The openings of the training grammar begin no test sentence: no sentence is in both.
"""

from __future__ import annotations

import random

__all__ = ["TEST_SENTENCES", "training_sentences"]

TEST_SENTENCES = (
    "The baker opens his shop before the first bus leaves town.",
    "My sister keeps her old letters in a wooden box upstairs.",
    "Nobody expected the river to rise so quickly after midnight.",
    "We planted three apple trees behind the school last autumn.",
    "Please leave the keys with the young woman at the front desk.",
    "A thick fog covered the harbour until late in the morning.",
    "The children built a bridge from paper, string and glue.",
    "He forgot his umbrella and walked home through heavy rain.",
    "Fresh bread and strong coffee make any Monday a little better.",
    "Her grandfather repaired clocks for almost fifty years.",
    "The museum is showing photographs of the frozen north.",
    "You should call the doctor if the fever does not go down.",
    "Our new neighbours are painting their little kitchen bright yellow.",
    "The last train was full of people going to the concert.",
    "She speaks four languages but dreams in only one of them.",
    "A small dog followed the postman all the way up the hill.",
    "They measured the old church with ropes and wooden poles.",
    "The soup needs more pepper and perhaps a spoon of cream.",
    "Every spring the swallows return to the same dusty barn.",
    "I left my glasses somewhere between the car and the beach.",
    "The teacher drew a perfect circle without lifting the chalk.",
    "Half of the audience stood up before the music was over.",
    "It takes about ten minutes to reach the lake on foot.",
    "The farmer sold his brown horse to a man from the village.",
    "Could you move those heavy boxes away from the window?",
    "The pilot spoke calmly while the storm shook the plane.",
    "Our team lost the first game and won the other seven.",
    "An empty bottle was floating slowly towards the pier.",
    "The library closes early on the day before a holiday.",
    "He cut the melon into slices and passed the plate around.",
    "There is a narrow path that leads from the mill to the sea.",
    "The judge asked both sides to speak a little more slowly.",
    "She found a silver coin under the floor of the cottage.",
    "Warm wind from the south melted the snow in a single night.",
    "My uncle drives a yellow taxi through the busy old city.",
    "The cat jumped over the fence and vanished in the bushes.",
    "We usually meet on Thursdays to play cards and drink tea.",
    "The engine made a strange noise whenever we turned left.",
    "A good carpenter measures twice before he cuts the board.",
    "The actors waited quietly behind the heavy red curtain.",
    "Someone has left a blue bicycle beside the garden gate.",
    "The weather report promises sunshine for the whole weekend.",
    "Both brothers wanted the room that looks over the valley.",
    "The nurse wrote the time on a small piece of white tape.",
    "Old maps often show islands that were never really there.",
    "He whispered the answer so that nobody else would hear it.",
    "The bakery on the corner smells of cinnamon and butter.",
    "I would rather walk than wait another hour for the bus.",
    "The mayor promised to repair the bridge before the winter.",
    "Three fishing boats came back with nothing but seaweed.",
    "The youngest player scored twice in the final minutes.",
    "She folded the map and pointed to the mountain ahead.",
    "The phone rang just as the water began to boil over.",
    "A row of tall poplars protects the house from the wind.",
    "You can borrow my ladder if you bring it back by Sunday.",
    "The fire was out before the second engine had arrived.",
    "We heard an owl calling from the roof of the chapel.",
    "The tailor shortened both sleeves by the width of a thumb.",
    "Most visitors miss the little door behind the staircase.",
    "His first novel was written on the back of old bills.",
    "The ferry crosses the bay four times on summer days.",
    "They shared one blanket and watched the falling stars.",
    "The gardener waters the roses early, when the air is cool.",
    "Nothing tastes better than plums picked from your own tree.",
)

_WHO = (
    "Another student",
    "Each passenger",
    "Someone's cousin",
    "Several engineers",
    "That tall singer",
    "Two young painters",
    "Whoever was awake",
    "Yesterday a stranger",
)
_DID = (
    "borrowed a camera",
    "carried the lamp",
    "cleaned the mirror",
    "described the garden",
    "found a purple scarf",
    "fixed the radio",
    "lost a leather glove",
    "noticed the music",
    "ordered mushroom pie",
    "remembered the song",
    "watched the football",
    "wrapped the present",
)
_HOW = (
    "above the workshop.",
    "across the parking lot.",
    "at the airport.",
    "before the theatre.",
    "beyond the forest.",
    "in the basement.",
    "near the hospital.",
    "under the bridge.",
    "and smiled without a word.",
    "because the others were busy.",
    "during the long journey.",
    "for the second time today.",
    "just after the thunder.",
    "shortly before breakfast.",
    "while the coffee was getting cold.",
    "with very cheerful patience.",
)


def training_sentences(count: int, seed: int) -> list[str]:
    """Draw different sentences from the training grammar, the same ones every time."""
    everything = [f"{who} {did} {how}" for who in _WHO for did in _DID for how in _HOW]
    return random.Random(seed).sample(everything, count)
