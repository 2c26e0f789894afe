"""What stands on the wire: packets, and the numbers and texts in them. It knows no SQL."""
