"""The recipe that makes data/robots/franka_panda from Franka's published description."""
