"""What runs a restored notebook and says what each cell earned: the exam, or stock Jupyter.

`base` is what an engine is and how one is chosen; `notebook` runs a whole one with any of them;
`verdicts` and `messages` turn what came of a test into points and words.
"""
