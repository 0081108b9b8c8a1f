"""What criteria and scores are compiled with: expressions over a batch's columns, each made once, and their order."""
