"""The things that controls judge, one module per AWS service; the shared ones are in `estate`."""
