"""A separator of your own, installed beside avss-bench."""
