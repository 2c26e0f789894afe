"""Nouns only: nothing in this package reads a file, a clock or a random number.

Everything here is immutable, so a value that was checked once stays checked. Import from the module that bears
the noun's name (`databridge.model.address`, `databridge.model.stack`, …).
"""
