"""The instructor's engine: builds the course, grades submissions, reports on them."""
