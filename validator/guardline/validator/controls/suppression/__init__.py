"""Practice suppression: rules archive only what they were written for."""
