"""Fill policy: buys at the ask, sells at the bid."""
