"""What policies are written with: names and values, facts, activities asked for, points; and changes to a lead."""
