"""The engine: one step of simulated time after another."""
