"""What clients write down: one JSON object a line, appended and flushed before the next step, so
that it outlives whatever the nodes do. laws.py says what the lines are."""

import json
import threading


class Record:
    """Any thread."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.file = open(path, "a", encoding="ascii")
        self.answered = 0

    def write(self, **line):
        text = json.dumps(line, separators=(",", ":"))
        with self.lock:
            self.file.write(text + "\n")
            self.file.flush()
            self.answered += "answer" in line

    def sent(self, node, own, content):
        self.write(sent=own, node=node, content=content)

    def answer(self, node, own, content, code, value, at, entry, repeated):
        self.write(answer=own, node=node, content=content, code=code, value=value, at=at,
                   entry=entry, repeated=repeated)

    def told(self, node, settlement, status, code):
        self.write(told=settlement, node=node, status=status, code=code)

    def lines(self):
        with self.lock, open(self.path, encoding="ascii") as file:
            return [json.loads(line) for line in file]
