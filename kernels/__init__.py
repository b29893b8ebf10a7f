"""Models that take pages: the embedded reader, and any Glm4v checkpoint (plugin `local`)."""
