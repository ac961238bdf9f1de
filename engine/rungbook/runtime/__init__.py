"""Effects: `engine` wires the parts and is all that surfaces call."""
