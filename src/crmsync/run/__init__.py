"""One run on one connection; `story` tells it from the first hop to the last."""
