"""What fields a CRM has, and what stands in them."""
