"""A made two-armed robot: a torso with two arms of three joints, each with a hand of two straight fingers."""

from pathlib import Path

ARM = """
  <link name="{side}_upper"><inertial><mass value="1.5"/><origin xyz="0.15 0 0"/>
    <inertia ixx="0.004" iyy="0.012" izz="0.012" ixy="0" ixz="0" iyz="0"/></inertial>
    <visual><origin xyz="0.15 0 0"/><geometry><box size="0.24 0.06 0.06"/></geometry></visual>
    <collision><origin xyz="0.15 0 0"/><geometry><box size="0.24 0.06 0.06"/></geometry></collision></link>
  <joint name="{side}_shoulder" type="revolute"><parent link="torso"/><child link="{side}_upper"/>
    <origin xyz="0.05 {y} 0.5"/><axis xyz="0 0 1"/><limit lower="-2" upper="2" velocity="2" effort="60"/></joint>
  <link name="{side}_fore"><inertial><mass value="1.0"/><origin xyz="0.12 0 0"/>
    <inertia ixx="0.002" iyy="0.006" izz="0.006" ixy="0" ixz="0" iyz="0"/></inertial>
    <visual><origin xyz="0.14 0 0"/><geometry><box size="0.20 0.05 0.05"/></geometry></visual>
    <collision><origin xyz="0.14 0 0"/><geometry><box size="0.20 0.05 0.05"/></geometry></collision></link>
  <joint name="{side}_elbow" type="revolute"><parent link="{side}_upper"/><child link="{side}_fore"/>
    <origin xyz="0.3 0 0"/><axis xyz="0 1 0"/><limit lower="-2" upper="2" velocity="2" effort="40"/></joint>
  <link name="{side}_palm"><inertial><mass value="0.4"/>
    <inertia ixx="0.0004" iyy="0.0004" izz="0.0004" ixy="0" ixz="0" iyz="0"/></inertial>
    <visual><origin xyz="0.02 0 0"/><geometry><box size="0.04 0.11 0.05"/></geometry></visual>
    <collision><origin xyz="0.02 0 0"/><geometry><box size="0.04 0.11 0.05"/></geometry></collision></link>
  <joint name="{side}_wrist" type="revolute"><parent link="{side}_fore"/><child link="{side}_palm"/>
    <origin xyz="0.28 0 0"/><axis xyz="1 0 0"/><limit lower="-3" upper="3" velocity="3" effort="20"/></joint>
  <link name="{side}_finger_a"><inertial><mass value="0.05"/>
    <inertia ixx="1e-5" iyy="1e-5" izz="1e-5" ixy="0" ixz="0" iyz="0"/></inertial>
    <visual><origin xyz="0.03 0.005 0"/><geometry><box size="0.06 0.01 0.02"/></geometry></visual>
    <collision><origin xyz="0.03 0.005 0"/><geometry><box size="0.06 0.01 0.02"/></geometry></collision></link>
  <joint name="{side}_slide_a" type="prismatic"><parent link="{side}_palm"/><child link="{side}_finger_a"/>
    <origin xyz="0.04 0 0"/><axis xyz="0 1 0"/><limit lower="0" upper="0.035" velocity="0.2" effort="40"/></joint>
  <link name="{side}_finger_b"><inertial><mass value="0.05"/>
    <inertia ixx="1e-5" iyy="1e-5" izz="1e-5" ixy="0" ixz="0" iyz="0"/></inertial>
    <visual><origin xyz="0.03 -0.005 0"/><geometry><box size="0.06 0.01 0.02"/></geometry></visual>
    <collision><origin xyz="0.03 -0.005 0"/><geometry><box size="0.06 0.01 0.02"/></geometry></collision></link>
  <joint name="{side}_slide_b" type="prismatic"><parent link="{side}_palm"/><child link="{side}_finger_b"/>
    <origin xyz="0.04 0 0"/><axis xyz="0 -1 0"/><limit lower="0" upper="0.035" velocity="0.2" effort="40"/>
    <mimic joint="{side}_slide_a"/></joint>
"""

HEAD = """<robot name="two-armed">
  <link name="world"/>
  <link name="torso"><inertial><mass value="20"/><origin xyz="0 0 0.25"/>
    <inertia ixx="0.5" iyy="0.5" izz="0.2" ixy="0" ixz="0" iyz="0"/></inertial>
    <visual><origin xyz="0 0 0.25"/><geometry><box size="0.2 0.3 0.5"/></geometry></visual>
    <collision><origin xyz="0 0 0.25"/><geometry><box size="0.2 0.3 0.5"/></geometry></collision></link>
  <joint name="standing" type="fixed"><parent link="world"/><child link="torso"/></joint>
  <link name="head"><visual><geometry><sphere radius="0.08"/></geometry></visual></link>
  <joint name="neck" type="revolute"><parent link="torso"/><child link="head"/><origin xyz="0 0 0.62"/>
    <axis xyz="0 0 1"/><limit lower="-1" upper="1" velocity="1" effort="2"/></joint>
"""


def write_two_armed(folder: Path) -> Path:
    """Write the robot and return its file."""
    path = folder / "two_armed.urdf"
    path.write_text(HEAD + ARM.format(side="left", y=0.2) + ARM.format(side="right", y=-0.2) + "</robot>\n")
    return path
