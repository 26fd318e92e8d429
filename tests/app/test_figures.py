"""Numbers as people read them."""

import pytest

from blueprint.pipeline.app import figures


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (figures.mass_text(0.31), "310 g"),
        (figures.mass_text(60.27), "60.3 kg"),
        (figures.mass_text(None), "not measured"),
        (figures.length_text(0.0012), "1.2 mm"),
        (figures.length_text(4e-10), "< 0.001 mm"),
        (figures.length_text(0.0), "0 mm"),
        (figures.length_text(0.3961), "39.6 cm"),
        (figures.length_text(1.5), "1.5 m"),
        (figures.size_text((0.12, 0.081, 0.099)), "12.0 × 8.1 × 9.9 cm"),
        (figures.angle_text(-1e-9), "0.0°"),
        (figures.angle_text(1.5707963), "90.0°"),
        (figures.speed_text(1e-9), "< 0.01 mm/s"),
        (figures.speed_text(0.0021), "2.1 mm/s"),
        (figures.speed_text(None), "not measured"),
        (figures.duration_text(0.023), "0.023 s"),
        (figures.duration_text(41.31), "41.3 s"),
        (figures.duration_text(376.3), "6 min 16 s"),
        (figures.duration_text(None), "not measured"),
        (figures.share_text(0.875), "88 %"),
        (figures.share_text(None), "not measured"),
        (figures.number_text(0.05091, "1"), "0.05091"),
        (figures.number_text(11, "objects"), "11 objects"),
        (figures.position_text((0.1194, -1e-9, 2.0)), "0.119, 0.000, 2.000 m"),
    ],
)
def test_texts(said: str, expected: str) -> None:
    assert said == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("lift_height_m", 0.101, ("lift height", "10.1 cm")),
        ("grasp_tilt_rad", 0.2753, ("grasp tilt", "15.8°")),
        ("grip_force_n", 39.96, ("grip force", "39.96 N")),
        ("final_speed_m_s", 0.002, ("final speed", "0.002 m/s")),
        ("planning_retries", 0, ("planning retries", "0")),
        ("grasp_contact_share", 0.88, ("grasp contact share", "0.88")),
    ],
)
def test_measures_are_said_in_the_unit_of_their_name(name: str, value: float, expected: tuple[str, str]) -> None:
    assert figures.measure_text(name, value) == expected
