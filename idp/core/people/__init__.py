"""Values about persons, companies and how they are reached: parsing, checksums, and nothing that stores or sends."""
