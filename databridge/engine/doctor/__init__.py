"""Whether everything that loads need is there; nothing is changed to find out."""
