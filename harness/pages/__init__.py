"""Reports for people: a page that needs nothing but itself, Markdown, a badge, and the specification as a site."""
