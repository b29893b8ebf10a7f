"""Documents to pages: highlighting, layouts, fonts."""
