"""What can go wrong, told so that the reader can mend it."""

from __future__ import annotations


class InputError(ValueError):
    """An input breaks a rule.

    The text reads ``path: rule, got value (hint)``, for example
    ``ACO[1].sharing_rate: must be between 0 and 1, got 50 (did you mean 0.50?)``.

    Attributes
    ----------
    path : str
        Where: ``arm[position].term``, ``service.term``, ``population.column[row]``.
    rule : str
        The rule that is broken, as "must be ...".
    value : str or None
        What was given.
    hint : str or None
        What may have been meant.
    """

    def __init__(self, path: str, rule: str, value: str | None = None, hint: str | None = None) -> None:
        self.path = path
        self.rule = rule
        self.value = value
        self.hint = hint
        got = "" if value is None else f", got {value}"
        meant = "" if hint is None else f" ({hint})"
        super().__init__(f"{path}: {rule}{got}{meant}")

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str, str | None, str | None]]:
        """Survive the way between processes."""
        return type(self), (self.path, self.rule, self.value, self.hint)


def a(value: object) -> str:
    """Return the kind of a value with its article: "a str", "an int"."""
    return a_kind(type(value))


def a_kind(kind: type) -> str:
    """Return the name of a kind with its article."""
    return f"{'an' if kind.__name__[0].lower() in 'aeiou' else 'a'} {kind.__name__}"
