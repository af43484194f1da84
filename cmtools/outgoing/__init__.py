"""What this program itself sends over the network: each request through `Outbound`, guarded and bounded. No rules."""
