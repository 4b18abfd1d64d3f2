"""What a person types: verbs, flags, help, and one clear line for a mistake."""
