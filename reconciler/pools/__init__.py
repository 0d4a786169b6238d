"""Pools: "three numbers in Hackensack, and keep it that way". Pure, like all that decides.

::

    records, open orders, a saved plan's choices ── allocations ──> who has which slot · who must go · what is vacant
    vacant slots x offers and owned numbers ── choose (preferences) ──> new allocations, or what is missing
    allocations x template ── desired ──> desired resources, as if each had been a line under ``numbers:``

A slot keeps the number that it got. Nothing here asks a carrier: ``reconciler.workflows.fill_pools`` does, and hands in
what it was told.
"""
