"""The tests of outlines: `python3 -m unittest checks`."""

import unittest

from outline import OutlineError, read_outline


class Reading(unittest.TestCase):
    def test_names_stand_for_their_texts(self) -> None:
        self.assertEqual(read_outline("a: one @b\nb: two")["a"], "one two")  # noqa: PT009 as its users write tests

    def test_what_is_no_outline_is_refused(self) -> None:
        for text in ("a", "1: x", "a: @b"):
            with self.assertRaises(OutlineError):  # noqa: PT027 as above
                read_outline(text)
