"""Whatever a page can learn from the code is written into it from the code: `python -m docs.generate`, or `make docs`."""
