"""
When requests are due.
"""

from random import Random

SEED = 20261121
"""
Every proxy gets the same arrivals.
"""


def arrivals(rate: float, seconds: float) -> list[float]:
    """
    Draw when requests of many independent clients arrive (a Poisson process).

    @param rate: how many a second, on average.
    @return: seconds from the beginning, in order.
    """
    random = Random(SEED)
    times = []
    now = random.expovariate(rate)
    while now < seconds:
        times.append(now)
        now += random.expovariate(rate)
    return times


def percentile(sorted_values: list[float], share: float) -> float:
    """
    Give the value that this share of all values does not exceed (the nearest rank).

    @param sorted_values: at least one, in ascending order.
    @param share: above 0, at most 1.
    """
    rank = -(-len(sorted_values) * share // 1)
    return sorted_values[max(int(rank), 1) - 1]
