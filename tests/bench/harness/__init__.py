"""What tests/bench/run is made of: processes, the machine, the server under test, references, rows and the report."""
