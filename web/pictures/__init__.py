"""Pictures that are drawn on the server: signs of types, positions on the canvas, SVG of an entity and its time."""
