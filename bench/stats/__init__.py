"""Statistics of a board: intervals that respect how few clips a test set really has.

This room knows nothing of audio: values, clusters and seeds go in, numbers come out.
"""
