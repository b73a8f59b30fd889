"""The pages, in the browser that people use."""
