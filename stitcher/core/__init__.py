"""Parts that only turn bytes into bytes: no clock, no file, no socket; time is an argument."""
