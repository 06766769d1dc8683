"""The detectors, and the export of their findings."""
