"""SOQL: parsed by a grammar (`grammar.lark`, `parse`), compiled to SQL over the org's tables (`compile`)."""
