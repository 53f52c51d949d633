"""Where a browser or a relying party meets us: pages, endpoints, cookies and headers; it decides nothing and knows no adapter."""
