"""Which update fits which device."""
