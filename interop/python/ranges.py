"""Sets of whole numbers as ascending ranges [start, end)."""


class Ranges:
    def __init__(self):
        self.all = []

    def __len__(self):
        return len(self.all)

    def __contains__(self, number):
        return any(start <= number < end for start, end in self.all)

    def missing(self, start, end):
        """The parts of [start, end) that are not in the set."""
        parts = []
        for low, high in self.all:
            if high <= start or low >= end:
                continue
            if low > start:
                parts.append((start, low))
            start = max(start, high)
        if start < end:
            parts.append((start, end))
        return parts

    def add(self, start, end):
        apart = [each for each in self.all if each[1] < start or each[0] > end]
        for low, high in self.all:
            if not (high < start or low > end):
                start, end = min(start, low), max(end, high)
        self.all = sorted([*apart, (start, end)])
