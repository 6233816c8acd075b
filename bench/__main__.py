"""`python -m bench` is the command `avss-bench`."""

from bench.cli import main

main()
