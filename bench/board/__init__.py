"""From runs to a board: collect, rank, and print."""
