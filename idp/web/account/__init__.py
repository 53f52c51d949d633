"""Pages about a person's own account. No page here logs anybody in."""
