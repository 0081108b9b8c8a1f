"""What reports count and estimate, as functions of frames: leads' ways through the stages, funnels. Pure."""
