"""Recognisers of speech behind one small interface, with a cache of what they heard.

Nothing here is loaded, and nothing fetched, before a word error rate is asked for.
"""
