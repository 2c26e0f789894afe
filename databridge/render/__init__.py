"""Say it: plans, events, runs and states become text, JSON and Markdown; nothing here decides anything."""
