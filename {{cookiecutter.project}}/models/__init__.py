"""One file per model. Copy the one nearest to yours, change it, run `make sync`."""
