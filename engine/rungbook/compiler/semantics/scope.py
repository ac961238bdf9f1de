"""What one matrix is held against."""

from collections.abc import Mapping
from dataclasses import dataclass

from rungbook.rulebook.matrix import EscalationMatrix
from rungbook.rulebook.model import Model
from rungbook.rulebook.taxonomy import TaskTaxonomy
from rungbook.rulebook.validator import Validator


@dataclass(frozen=True, slots=True)
class Scope:
    """A matrix and the specs it names; of another name it is not known whether there is a spec.

    `names`, by kind, also has specs that could not be built: no mistake is told twice. `judges`:
    the models that can judge, None where there are enough for everybody to have another.
    """

    matrix: EscalationMatrix
    taxonomies: Mapping[str, TaskTaxonomy]
    models: Mapping[str, Model]
    validators: Mapping[str, Validator]
    names: Mapping[str, frozenset[str]]
    judges: frozenset[str] | None
