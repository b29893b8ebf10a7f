"""Programs that train, measure and export the embedded reader."""
