"""The laws that no mutant names."""

from __future__ import annotations

TREE = "it binds in tree mode alone, which the reference does not have"
WITHOUT_MUTANT = {
    "custom-vjp.tree-tangents": TREE,
    "grad.tree-result-type": TREE,
    "graphdef.tree-mode-distinct": TREE,
    "jvp.tree-matches-jax": TREE,
    "loop.tree-variable-identity": TREE,
    "make-jaxpr.inputs": TREE,
    "mode.setters-restore": TREE,
    "mode.tree-agrees": TREE,
    "mode.tree-needs-pytrees": TREE,
    "mode.tree-rejects-cycles": TREE,
    "mode.tree-rejects-shared-nodes": TREE,
    "mode.tree-rejects-shared-variables": TREE,
    "rng.functional-filters": TREE,
    "rng.functional-forms-pure": TREE,
    "rng.functional-graph": TREE,
    "rng.with-rngs-rules": "the reference has no with_rngs",
    "scan.tree-carry-identity": TREE,
    "transform.mode-of-each-call": TREE,
    "transform.tree-duplicates-rejected": TREE,
    "transform.tree-prefixes": TREE,
    "transform.tree-returned-inputs": TREE,
    "transform.tree-structure-changes": TREE,
    "vjp.tree-matches-jax": TREE,
    "device.agree": "it needs an accelerator, which the tests do not ask for",
}
"""Why a law has no mutant that it must catch."""
