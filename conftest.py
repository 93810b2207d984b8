"""For every pytest run here, `pytest --nbval solutions/` included: the same output each time."""

import os

os.environ["LESSONKIT_OFFLINE"] = "1"
os.environ["LESSONKIT_PROGRESS"] = "0"
os.environ.setdefault("OMP_NUM_THREADS", "1")
