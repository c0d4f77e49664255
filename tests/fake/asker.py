"""A client of the API that says one command after the other and times each until its answer, in a process of its
own: nobody else's work delays it. For each line COUNT PAUSE_MS on standard input it does so many, that far apart, and
prints their times in milliseconds as one line; the command's %d is a number that grows.

usage: python3 -m tests.fake.asker ENDPOINT COMMAND ..."""
import sys
import time

from tests.fake.api import ApiClient


def main():
    client, number = ApiClient(sys.argv[1]), 0
    for line in sys.stdin:
        count, pause = line.split()
        times = []
        for _ in range(int(count)):
            number += 1
            start = time.monotonic()
            answer = client.command(" ".join(sys.argv[2:]) % number, timeout=30)
            times.append((time.monotonic() - start) * 1000)
            if not answer.ok:
                sys.exit(answer.text)
            time.sleep(float(pause) / 1000)
        print(*("%.3f" % t for t in times), flush=True)


if __name__ == "__main__":
    main()
