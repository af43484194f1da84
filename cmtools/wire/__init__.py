"""JSON to model and back, each shape in one place. No rules, no HTTP and no SQL live here.

``creation``, ``reviews`` and their neighbours speak the Review API of the retired service, in both of its spellings,
``own`` and ``bodies`` our own operations, and ``failures`` the refusals of both.
"""
