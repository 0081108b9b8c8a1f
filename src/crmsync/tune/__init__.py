"""How well a policy would have told winners from others: measures, replay, and points fitted to outcomes. Pure."""
