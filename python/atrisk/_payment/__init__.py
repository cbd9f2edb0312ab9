"""What all payment systems share: cases read by name, tables of figures by year, steps given back as columns."""
