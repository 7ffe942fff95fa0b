"""Energies, fields and motions."""

from harness import case, given, normal, uniform


@case(
    positions=given([[0.0, 0.0, 0.0], [1.1, 0.0, 0.0], [0.0, 1.3, 0.2], [0.9, 1.0, 1.2]]),
    first=given([0, 0, 0, 1, 1, 2]),
    second=given([1, 2, 3, 2, 3, 3]),
)
def lennard_jones(xp, positions, first, second):
    """Σ 4 (r⁻¹² - r⁻⁶) over pairs of particles: (n, 3), (k,), (k,) to a scalar. Its negative gradient is the force.

    Source: https://en.wikipedia.org/wiki/Lennard-Jones_potential
    """
    difference = xp.take(positions, first, axis=0) - xp.take(positions, second, axis=0)
    inverse = xp.reciprocal(xp.sum(difference * difference, axis=1))
    attraction = inverse**3
    return 4 * xp.sum(attraction * attraction - attraction)


lennard_jones.sample("stretched", positions=given([[0.0, 0.1, 0.0], [1.5, 0.0, 0.3], [0.2, 1.7, 0.1], [1.4, 1.6, 1.9]]))


@case(position=given([1.0, 0.5]), velocity=given([0.0, -1.0]), steps=6, step=0.1)
def leapfrog_oscillator(xp, position, velocity, *, steps, step):
    """Harmonic oscillators x″ = -x by kick, drift and kick: two (n,) to two (n,). Energy is nearly kept.

    Source: https://en.wikipedia.org/wiki/Leapfrog_integration
    """
    for _ in range(steps):
        velocity = velocity - 0.5 * step * position
        position = position + step * velocity
        velocity = velocity - 0.5 * step * position
    return position, velocity


leapfrog_oscillator.sample("random", position=normal((20,)), velocity=normal((20,)))


@case(angle=given([0.5, 2.0]), rate=given([0.0, 1.0]), steps=4, step=0.1)
def pendulum(xp, angle, rate, *, steps, step):
    """Pendulum θ″ = -sin θ by the midpoint rule: two (n,) to (n,), the angles after a few steps."""
    for _ in range(steps):
        middle_angle = angle + 0.5 * step * rate
        middle_rate = rate - 0.5 * step * xp.sin(angle)
        angle = angle + step * middle_rate
        rate = rate - step * xp.sin(middle_angle)
    return angle


pendulum.sample("random", angle=uniform((15,), 0.3, 2.5), rate=normal((15,)))


@case(frequency=given([0.5, 1.0, 3.0]), temperature=given(1.5))
def planck_spectrum(xp, frequency, temperature):
    """ν³ / (e^(ν/T) - 1) in natural units: (n,) and () to (n,).

    Source: https://en.wikipedia.org/wiki/Planck%27s_law
    """
    return frequency**3 / xp.expm1(frequency / temperature)


planck_spectrum.sample("random", frequency=uniform((30,), 0.2, 6.0), temperature=uniform((), 0.8, 2.0))


@case(field=given([[0.0, 1.0, 4.0], [1.0, 2.0, 5.0], [4.0, 5.0, 8.0]]), rate=0.2)
def heat_step(xp, field, *, rate):
    """One explicit step of the heat equation on a torus: u + r (sum of 4 neighbours - 4 u): (m, n) to (m, n)."""
    neighbours = (
        xp.roll(field, 1, axis=0) + xp.roll(field, -1, axis=0) + xp.roll(field, 1, axis=1) + xp.roll(field, -1, axis=1)
    )
    return field + rate * (neighbours - 4 * field)


heat_step.sample("random", field=normal((12, 13)))


@case(state=given([1.0, 2.0, 3.0]), steps=3, step=0.01)
def lorenz(xp, state, *, steps, step):
    """A few Euler steps of Lorenz's system with σ = 10, ρ = 28, β = 8/3: (3,) to (3,).

    Source: E. N. Lorenz, Deterministic Nonperiodic Flow, J. Atmos. Sci. 20 (1963).
    """
    x, y, z = state[0], state[1], state[2]
    for _ in range(steps):
        dx, dy, dz = 10.0 * (y - x), x * (28.0 - z) - y, x * y - 8 / 3 * z
        x, y, z = x + step * dx, y + step * dy, z + step * dz
    return xp.stack((x, y, z), axis=0)


lorenz.sample("random", state=normal((3,), scale=5.0))


@case(masses=given([1.0, 2.0, 0.5]), positions=given([[0.0, 0.0], [1.0, 1.0], [-2.0, 0.5]]), softening=0.1)
def gravity(xp, masses, positions, *, softening):
    """Accelerations Σⱼ mⱼ (xⱼ - xᵢ) / (|xⱼ - xᵢ|² + ε²)^1.5: (n,) and (n, d) to (n, d)."""
    difference = positions[None, :, :] - positions[:, None, :]
    squares = xp.sum(difference * difference, axis=-1) + softening * softening
    return xp.sum(masses[None, :, None] * difference / xp.pow(squares, 1.5)[:, :, None], axis=1)


gravity.sample("random", masses=uniform((6,), 0.5, 2.0), positions=normal((6, 3)))
