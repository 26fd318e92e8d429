"""Numbers as people read them: few digits, a fitting unit, and "not measured" where there is none."""

import math

NOT_MEASURED = "not measured"


def mass_text(mass_kg: float | None) -> str:
    """Say a mass in grams below a kilogram."""
    if mass_kg is None:
        return NOT_MEASURED
    return f"{1000 * mass_kg:.3g} g" if mass_kg < 0.9995 else f"{mass_kg:.3g} kg"


def length_text(length_m: float | None) -> str:
    """Say a length in millimetres below a centimetre, in centimetres below a metre."""
    if length_m is None:
        return NOT_MEASURED
    size = abs(length_m)
    if 0 < size < 1e-6:
        return "< 0.001 mm"
    if size < 0.01:
        return f"{1000 * length_m:.2g} mm"
    return f"{100 * length_m:.3g} cm" if size < 0.9995 else f"{length_m:.3g} m"


def size_text(size_m: tuple[float, float, float]) -> str:
    """Say the extents of a box in centimetres."""
    return " × ".join(f"{100 * extent:.1f}" for extent in size_m) + " cm"


def angle_text(angle_rad: float | None) -> str:
    """Say an angle in degrees."""
    return NOT_MEASURED if angle_rad is None else f"{round(math.degrees(angle_rad), 1) + 0.0:.1f}°"


def duration_text(duration_s: float | None) -> str:
    """Say a duration."""
    if duration_s is None:
        return NOT_MEASURED
    if duration_s < 60:
        return f"{duration_s:.2g} s" if duration_s < 1 else f"{duration_s:.1f} s"
    minutes, seconds = divmod(round(duration_s), 60)
    return f"{minutes} min {seconds:02d} s"


def speed_text(speed_m_s: float | None) -> str:
    """Say a speed in millimetres per second."""
    if speed_m_s is None:
        return NOT_MEASURED
    return "< 0.01 mm/s" if 0 < speed_m_s < 1e-5 else f"{1000 * speed_m_s:.2g} mm/s"


def share_text(share: float | None) -> str:
    """Say a share from 0 to 1 in percent."""
    return NOT_MEASURED if share is None else f"{100 * share:.0f} %"


def number_text(value: float | None, unit: str = "") -> str:
    """Say any number with up to four digits; the unit 1 of a ratio is not said."""
    return NOT_MEASURED if value is None else f"{value:.4g} {unit}".removesuffix(" 1").rstrip()


def count_text(count: int, thing: str) -> str:
    """Say how many of a thing there are."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def position_text(position_m: tuple[float, float, float]) -> str:
    """Say a place in the world in metres."""
    return ", ".join(f"{round(value, 3) + 0.0:.3f}" for value in position_m) + " m"


def measure_text(name: str, value: float) -> tuple[str, str]:
    """Split a measure whose name carries its unit, such as `lift_height_m`, into words and a number with its unit."""
    words, unit = split_unit(name)
    say = {"m": length_text, "rad": angle_text, "kg": mass_text}.get(unit)
    return words, say(value) if say else number_text(value, unit)


def split_unit(name: str) -> tuple[str, str]:
    """Split a name that carries its unit into words and the unit, which is empty where there is none."""
    for suffix, unit in _UNITS:
        if name.endswith(suffix):
            return name.removesuffix(suffix).replace("_", " "), unit
    return name.replace("_", " "), ""


_UNITS = (
    ("_m_s3", "m/s³"),
    ("_j", "J"),
    ("_m_s", "m/s"),
    ("_rad_s", "rad/s"),
    ("_deg", "°"),
    ("_rad", "rad"),
    ("_kg", "kg"),
    ("_n", "N"),
    ("_s", "s"),
    ("_m", "m"),
)
