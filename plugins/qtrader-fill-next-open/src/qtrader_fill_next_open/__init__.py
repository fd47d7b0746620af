"""Fill policy: market orders fill at the open of the next bar."""
