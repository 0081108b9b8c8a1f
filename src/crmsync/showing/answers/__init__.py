"""What commands answer as JSON, as models: the shipped schemas and a page of the reference come from them."""
