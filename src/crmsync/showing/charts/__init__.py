"""Charts: specs as plain data made from answers, the HTML around them, and the library that draws them."""
