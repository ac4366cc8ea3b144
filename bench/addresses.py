"""
The addresses under which the origin can be reached.
"""

_BLOCK = 200


def loopback_addresses(count: int) -> list[str]:
    """
    List different addresses of the loopback network.

    @param count: how many; one alone is 127.0.0.1 itself.
    """
    if count == 1:
        return ["127.0.0.1"]
    return [f"127.0.{1 + index // _BLOCK}.{1 + index % _BLOCK}" for index in range(count)]
