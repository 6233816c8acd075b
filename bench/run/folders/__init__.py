"""Scoring folders of wav files, by our definitions or a paper's, and released score files."""
