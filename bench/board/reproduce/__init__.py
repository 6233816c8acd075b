"""Printed figures measured again from the published weight files: `avss-bench reproduce`."""
