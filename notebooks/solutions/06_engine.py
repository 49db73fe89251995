# %% exercise 1
def reciprocal(x):
    y = 1 / x

    def backward(grad_y):
        return (-grad_y * y * y,)

    return y, backward


# %% exercise 1, wrong: the sign
def reciprocal(x):
    y = 1 / x

    def backward(grad_y):
        return (grad_y * y * y,)

    return y, backward


# %% exercise 1, wrong: what arrives is forgotten
def reciprocal(x):
    y = 1 / x

    def backward(grad_y):
        return (-y * y,)

    return y, backward


# %% exercise 2
def unstretch(grad, shape):
    """Sum a gradient over the axes along which its array was stretched."""
    grad = grad.sum(axis=tuple(range(grad.ndim - len(shape))))
    stretched = tuple(axis for axis, length in enumerate(shape) if length == 1)
    return grad.sum(axis=stretched, keepdims=True)


# %% exercise 2, wrong: the mean
def unstretch(grad, shape):
    """Bring a gradient back."""
    grad = grad.sum(axis=tuple(range(grad.ndim - len(shape))))
    stretched = tuple(axis for axis, length in enumerate(shape) if length == 1)
    return grad.mean(axis=stretched, keepdims=True)


# %% exercise 2, wrong: new axes only
def unstretch(grad, shape):
    """Bring a gradient back."""
    return grad.sum(axis=tuple(range(grad.ndim - len(shape))))


# %% exercise 3
def order_of_visits(graph, root):
    """Say who is visited when: for {"a": ["x", "x"], "b": ["a", "x"]} from "b": ["b", "a"]."""
    reached, order = {root}, []
    for name in reversed(list(graph)):
        if name in reached:
            order.append(name)
            reached.update(graph[name])
    return order


# %% exercise 3, wrong: whatever is found next
def order_of_visits(graph, root):
    """Say who is visited when."""
    order, waiting = [], [root]
    while waiting:
        name = waiting.pop(0)
        if name in graph and name not in order:
            order.append(name)
            waiting += graph[name]
    return order


# %% exercise 3, wrong: also what no gradient reaches
def order_of_visits(graph, root):
    """Say who is visited when."""
    names = list(graph)
    return names[names.index(root) :: -1]
