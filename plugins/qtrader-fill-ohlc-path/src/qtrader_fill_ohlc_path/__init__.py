"""Fill policy: orders along a path through the bar."""
