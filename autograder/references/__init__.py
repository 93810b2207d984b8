"""References for hidden tests, one module for each topic. Nothing here reaches a student."""
