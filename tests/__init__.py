"""The template's tests; README.md says which proves what, and how to run one of them."""
