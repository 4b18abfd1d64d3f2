"""Images without a Dockerfile: how they are asked for, what they hold, what they do."""
