"""Rows that are written once: what was decided and who did it cannot be edited or deleted afterwards."""

from typing import Any, NoReturn, TypeVar

from django.db import models

from glossary.domain.errors import IllegalMove

Row = TypeVar("Row", bound=models.Model)


class AppendOnlyQuerySet(models.QuerySet[Row]):
    """A QuerySet that can add and read, nothing else."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise IllegalMove(f"{self.model._meta.verbose_name_plural} are append-only: they cannot be changed.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        self.update()

    def bulk_create(self, *args: Any, **kwargs: Any) -> Any:
        """Insert rows; refuse to overwrite those that are there."""
        if kwargs.get("update_conflicts"):
            self.update()
        return super().bulk_create(*args, **kwargs)

    def delete(self) -> NoReturn:
        """Refuse."""
        raise IllegalMove(f"{self.model._meta.verbose_name_plural} are append-only: they cannot be deleted.")


class AppendOnly(models.Model):
    """A row that is written once."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert the row; raises IllegalMove where it already exists."""
        if not self._state.adding:
            raise IllegalMove(f"{self._meta.verbose_name_plural} are append-only: they cannot be changed.")
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise IllegalMove(f"{self._meta.verbose_name_plural} are append-only: they cannot be deleted.")
