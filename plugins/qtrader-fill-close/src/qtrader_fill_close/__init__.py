"""Fill policy: market orders fill at a bar's close."""
