"""Products of vectors and matrices."""

from harness import case, given, normal


@case(a=given([[1.0, 2.0], [3.0, 4.0]]), b=given([[5.0, 6.0], [7.0, 8.0]]))
def matrix_product(xp, a, b):
    """A B: (m, k) and (k, n) to (m, n). The gradients are G Bᵀ and Aᵀ G.

    For [[1, 2], [3, 4]] and [[5, 6], [7, 8]] it is [[19, 22], [43, 50]].
    """
    return xp.matmul(a, b)


matrix_product.sample("tall", a=normal((33, 5)), b=normal((5, 17)))
matrix_product.sample("square", a=normal((48, 48)), b=normal((48, 48)))


@case(a=given([[1.0, 2.0, 0.5], [3.0, 4.0, -1.0]]), x=given([1.0, -1.0, 2.0]))
def matrix_times_vector(xp, a, x):
    """A x: (m, n) and (n,) to (m,). Here it is [0, -3]."""
    return xp.matmul(a, x)


matrix_times_vector.sample("random", a=normal((20, 30)), x=normal((30,)))


@case(a=normal((3, 4, 5)), b=normal((5, 2)))
def batched_product(xp, a, b):
    """Aᵢ B for every matrix of a stack, with one B for all: (l, m, k) and (k, n) to (l, m, n)."""
    return xp.matmul(a, b)


batched_product.sample("both", a=normal((4, 6, 3)), b=normal((4, 3, 6)))


@case(a=given([[1.0, 2.0], [3.0, 4.0]]), b=given([[[1.0], [2.0]], [[3.0], [4.0]]]))
def contraction(xp, a, b):
    """Σⱼ aᵢⱼ bⱼₖₗ: (m, n) and (n, k, l) to (m, k, l). For the numbers in order it is [[[7], [10]], [[15], [22]]]."""
    return xp.tensordot(a, b, axes=1)


contraction.sample("random", a=normal((6, 5)), b=normal((5, 3, 4)))


@case(a=given([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), b=given([[1.0, 0.0, -1.0], [2.0, 1.0, 0.5]]))
def inner_products(xp, a, b):
    """Σⱼ aᵢⱼ bᵢⱼ along the last axis: (m, n) and (m, n) to (m,). Here it is [-2, 16]."""
    return xp.vecdot(a, b)


inner_products.sample("random", a=normal((7, 40)), b=normal((7, 40)))


@case(a=given([1.0, 2.0, 3.0]), b=given([4.0, 5.0]))
def outer_product(xp, a, b):
    """aᵢ bⱼ: (m,) and (n,) to (m, n). For [1, 2, 3] and [4, 5] the last row is [12, 15]."""
    return xp.linalg.outer(a, b)


outer_product.sample("random", a=normal((13,)), b=normal((22,)))


@case(x=given([[1.0, 2.0], [3.0, 4.0]]))
def traces(xp, x):
    """Sum of the diagonal: (…, n, n) to (…). The gradient is the cotangent on the diagonal. Here it is 5."""
    return xp.linalg.trace(x)


traces.sample("batch", x=normal((5, 7, 7)))


@case(x=given([1.0, 2.0]), a=given([[2.0, 1.0], [0.0, 3.0]]))
def quadratic_form(xp, x, a):
    """xᵀ A x: (n,) and (n, n) to a scalar. The gradients are (A + Aᵀ) x and x xᵀ. Here it is 16."""
    return xp.vecdot(x, xp.matmul(a, x))


quadratic_form.sample("random", x=normal((24,)), a=normal((24, 24)))


@case(x=given([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
def gram_matrix(xp, x):
    """Xᵀ X: (m, n) to (n, n), symmetric. Here it is [[35, 44], [44, 56]]."""
    return xp.matrix_transpose(x) @ x


gram_matrix.sample("random", x=normal((20, 12)))


@case(a=normal((4, 6)), b=normal((6, 5)), c=normal((5, 4)))
def trace_of_product(xp, a, b, c):
    """tr(A B C): (m, k), (k, n), (n, m) to a scalar, the same for every cyclic order."""
    return xp.linalg.trace(a @ b @ c)


trace_of_product.sample("larger", a=normal((12, 20)), b=normal((20, 15)), c=normal((15, 12)))
