"""Decide what an edit of recorded state comes to: before and after in every place, what that does to rows, or why it is refused."""
