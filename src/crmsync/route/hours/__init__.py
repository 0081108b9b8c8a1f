"""Calendars and working time: instants in, instants out."""
