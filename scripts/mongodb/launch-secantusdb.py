"""Starts SecantusDB with fewer remembered retryable writes: each one is searched for among all of them, and sorted past
the cap, which stalls the server. The cap is a private constant of the pinned version, so its absence is an error."""
import sys

import secantus.transactions as transactions
from secantus.cli import main

if not hasattr(transactions, "_RETRYABLE_RECORD_MAX"):
    sys.exit("SecantusDB is not the pinned version: _RETRYABLE_RECORD_MAX is missing")
transactions._RETRYABLE_RECORD_MAX = 512
sys.exit(main())
