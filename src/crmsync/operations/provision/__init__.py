"""What a CRM has to have, so that crmsync can work there: looked at, and made where it is missing."""
