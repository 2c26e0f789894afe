"""How a warehouse is reached: connections for whoever reads or writes there, whatever for."""
