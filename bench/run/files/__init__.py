"""Writing and reading media beside a run: prepared trees, exports, separated voices."""
