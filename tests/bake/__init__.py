"""What cookiecutter makes of the template, and which answers it refuses."""
