"""Where alembic meets our connection; alembic runs this file itself."""

from alembic import context

from cmtools.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
