"""Random worlds of orders, each from its seed, held against what must be true of any run."""
