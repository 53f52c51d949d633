"""The world around the product, for demo, development and tests: separate programs that speak HTTP only and never import `idp`."""
