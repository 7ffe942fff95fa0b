"""Contractions named by letters."""

from harness import case, given, normal


@case(a=given([[1.0, 2.0], [3.0, 4.0]]), b=given([[5.0, 6.0], [7.0, 8.0]]))
def einstein_product(xp, a, b):
    """Σⱼ aᵢⱼ bₖⱼ, that is A Bᵀ: (m, n) and (k, n) to (m, k). Here it is [[17, 23], [39, 53]]."""
    return xp.einsum("ij,kj->ik", a, b)


einstein_product.sample("random", a=normal((3, 5)), b=normal((3, 5)))


@case(a=given([[1.0, 2.0], [3.0, 4.0]]), x=given([1.0, -1.0]))
def quadratic_form_by_letters(xp, a, x):
    """Σᵢⱼ xᵢ aᵢⱼ xⱼ, of three operands: (n, n) and (n,) to (). Here it is 0."""
    return xp.einsum("i,ij,j->", x, a, x)


quadratic_form_by_letters.sample("random", a=normal((4, 4)), x=normal((4,)))
