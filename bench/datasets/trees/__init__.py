"""A user's copy of a set in folders: as its owners give it out, as released, or prepared by us."""
