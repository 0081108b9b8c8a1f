"""What of a CRM is probably which fact, stage, activity and person of a policy. Pure."""
