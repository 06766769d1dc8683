"""Practice response: a finding alerts people and is acted on."""
