"""What people and programs read: findings, tables and text that is safe to show."""
