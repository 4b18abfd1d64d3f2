"""What runs and sweeps leave in the store, and stores that cannot be used."""
