"""Size and direction at 0, where they have no derivative."""

from harness import case, given


@case(z=given([0j, 3 + 4j]))
def size_at_zero(xp, z):
    """|z| at 0, where every number of the unit disc is a right gradient, and beside it: (n,) to (n,)."""
    return xp.abs(z)


@case(z=given([0j, 3 + 4j]))
def direction_at_zero(xp, z):
    """The angle of z at 0, where it is 0 by convention and no gradient is right, and beside it: (n,) to (n,)."""
    return xp.angle(z)
