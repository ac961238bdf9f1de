"""How many tokens a text has, by our own count."""

import pytest

from rungbook.tokens import about, at_most


@pytest.mark.parametrize(
    ("text", "most", "guess"),
    [
        ("", 0, 0),
        ("a", 1, 0),
        ("abc", 1, 0),
        ("abcd", 2, 1),
        ("é", 1, 0),
        ("世", 2, 0),
        ("abc世界", 1 + 3, 1),
        ("\ud800", 2, 0),
        ("x" * 300, 100, 75),
    ],
)
def test_a_text_s_tokens(text: str, most: int, guess: int) -> None:
    assert (at_most(text), about(text)) == (most, guess)
