"""All rows that the attack program tries inside a box: every class of attempts that the design page names."""

from __future__ import annotations

from tests.sandbox.attacks import rows_box, rows_kernel

ROWS = (*rows_kernel.ROWS, *rows_box.ROWS)
