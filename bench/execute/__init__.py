"""Ways to carry out many independent tasks. This room knows nothing of audio.

Every way yields one `Outcome` per item, in whatever order they finish; a task that ends its process
costs that item alone.
"""
