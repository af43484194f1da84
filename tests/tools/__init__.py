"""What tests need of the machine: a browser, a PostgreSQL server, Node.js. A file finds each; `prepare` installs it."""
