"""Tables: where they come from, which are refused."""
