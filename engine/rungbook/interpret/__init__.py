"""Pure interpreters: decisions out, events in; no clock, no IO, no chance, no model."""
