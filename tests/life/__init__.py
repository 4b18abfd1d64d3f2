"""A project's life, from `make setup` on every Python to an update of the template. Takes minutes."""
