"""Who is there to take leads, how much they have, and how long leads wait for them."""
