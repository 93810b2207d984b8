"""The student's toolkit: what the notebooks of the course import, and nothing else.

check     assertions that say what is wrong and why, and points part by part
data      the course's data sets, the same on every machine
plot      figures in one style
progress  a progress bar for long training
quiz      multiple-choice answers, checked for their form
setup     seeds, device, versions, plot style
"""

__version__ = "0.1.0"
