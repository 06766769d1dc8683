"""What holds for every test."""

from hypothesis import settings

# A deadline would be a timed test: under load it fails for no fault of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
