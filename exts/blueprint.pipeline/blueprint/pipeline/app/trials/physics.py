"""Let a ball fall onto a floor."""

import mujoco

MODEL = """
<mujoco>
  <option timestep="0.002"/>
  <worldbody>
    <geom type="plane" size="1 1 0.1"/>
    <body pos="0 0 0.5"><freejoint/><geom type="sphere" size="0.05" mass="0.1"/></body>
  </worldbody>
</mujoco>
"""


def main() -> None:
    """Raise unless the ball ends where it touches the floor."""
    model = mujoco.MjModel.from_xml_string(MODEL)
    data = mujoco.MjData(model)
    mujoco.mj_step(model, data, nstep=1000)
    height = float(data.qpos[2])
    if not 0.045 < height < 0.055:
        raise SystemExit(f"a ball of 0.05 m came to rest at {height:.3f} m")


if __name__ == "__main__":
    main()
