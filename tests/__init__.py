"""The tests of cmtools. They mirror the package: cmtools/service/leases.py <-> tests/service/test_leases.py."""
