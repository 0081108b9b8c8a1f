"""Shares and times with their intervals, from what is known of some. Pure."""
