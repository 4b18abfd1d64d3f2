"""What a model file declares: its contract, and that a new model is one file."""
