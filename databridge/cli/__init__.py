"""Commands: read the options, wire the parts together, print the answer, return the exit code. No decision is made here."""
