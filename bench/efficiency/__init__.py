"""Efficiency: parameters, multiply-accumulates, latency and memory of a separator."""
