"""Objects as they are kept: collections in memory, their last changes, and the database behind them."""
