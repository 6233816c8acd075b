"""The synthetic speakers: what they say when, and their faces, drawn alike on every machine."""
