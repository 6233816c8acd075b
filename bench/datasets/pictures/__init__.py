"""Clips and what is seen in them: decoding, the people in a video, their mouths and faces."""
