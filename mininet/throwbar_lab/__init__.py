"""Throwbar's lab: builds a file of topologies/ from real Open vSwitch and Mininet, and lets tests and people drive it.

It has no logic of its own: it trusts the file (`throwbar check` validates it) and does what it is told.
See mininet/README.md for how to use it.
"""
