"""The scene as one: props on their supports, a robot that reaches them, cameras, lights, and a settle in physics."""
