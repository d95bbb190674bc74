"""What every meter keeps: its pace, what came back and when, and the line that it reports with."""

import json
import time

MOST_TOLD = 10_000


class Pace:
    """Due times at a fixed interval; after a pause of this process it goes on from now instead of making up for it."""

    def __init__(self, interval):
        self.interval = interval
        self.due = self.last = time.monotonic()
        self.largest_gap = 0.0
        self.times = []

    def wait(self):
        return max(0.0, self.due - time.monotonic())

    def sent(self, now):
        self.largest_gap = max(self.largest_gap, now - self.last)
        self.last = now
        self.times.append(now)
        self.due = max(self.due + self.interval, now - 5 * self.interval)


class Arrivals:
    """Which numbers came back, how often, and the longest time in which nothing did."""

    def __init__(self):
        self.seen = set()
        self.duplicates = 0
        self.largest_gap = 0.0
        self.last = None
        self.rtts = []

    def add(self, number, sent_at):
        now = time.monotonic()
        if self.last is not None:
            self.largest_gap = max(self.largest_gap, now - self.last)
        self.last = now
        if number in self.seen:
            self.duplicates += 1
        self.seen.add(number)
        self.rtts.append(now - sent_at)


def milliseconds(seconds):
    return round(seconds * 1000, 3)


def report_bulk(tick, received):
    print(json.dumps({'tickMs': milliseconds(tick), 'receivedBytes': received}), flush=True)


def _quiet(arrivals, pace):
    """The longest time between two answers, or since the last one while requests went on."""
    since = arrivals.last if arrivals.last is not None else min(pace.times, default=pace.last)
    return max(arrivals.largest_gap, pace.last - since)


def report(sent, arrivals, pace, **more):
    rtts = sorted(arrivals.rtts) or [0.0]
    lost = [number for number in range(sent) if number not in arrivals.seen]
    print(json.dumps({
        'sent': sent, 'received': len(arrivals.seen), 'lost': len(lost), 'lostNumbers': lost[:100],
        'lostAtMs': [milliseconds(pace.times[number]) for number in lost[:MOST_TOLD]],
        'duplicates': arrivals.duplicates, 'largestGapMs': milliseconds(_quiet(arrivals, pace)),
        'largestSendGapMs': milliseconds(pace.largest_gap),
        'rttMs': {'p50': milliseconds(rtts[len(rtts) // 2]), 'p99': milliseconds(rtts[len(rtts) * 99 // 100]),
                  'max': milliseconds(rtts[-1])}, **more}), flush=True)
