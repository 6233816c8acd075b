"""What crosses a border between rooms: mixtures, records, runs, and how they are kept on disk."""
