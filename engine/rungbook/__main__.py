"""`python -m rungbook`."""

import sys

from rungbook.cli import main

sys.exit(main())
