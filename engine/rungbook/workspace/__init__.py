"""Sandboxes for attempts and proofs, and the way a proved change reaches the user's tree."""
