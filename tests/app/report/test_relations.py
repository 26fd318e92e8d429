"""The support graph in words."""

from blueprint.pipeline.app.report.relations import MOST_ROWS, describe_relations
from blueprint.pipeline.scene.relations import ROOM, Relation


def test_relations_are_told_in_words_with_their_reason() -> None:
    graph = [
        Relation("on", "mug", "table", -0.0004, 1.0, "", "100% of its base"),
        Relation("in", "spoon", "mug", 0.001, 0.8, "inside", "mug surrounds it"),
        Relation("against", "table", ROOM, 0.02, 0.4, "wall_1", "20 mm from wall_1"),
        Relation("on", "table", ROOM, 0.0, 1.0, "floor", "lies on the floor"),
    ]
    section = describe_relations(graph, settled=True)
    assert section is not None
    assert [row.how for row in section.rows] == [
        "stands on table",
        "stands in mug",
        "is against wall_1",
        "stands on floor",
    ]
    assert (section.rows[0].gap, section.rows[1].share) == ("-0.4 mm", "80 %")
    assert section.state == "where the scene came to rest"


def test_without_relations_there_is_no_section_and_a_long_graph_is_cut() -> None:
    assert describe_relations((), settled=False) is None
    many = [Relation("on", f"box_{number}", ROOM, 0.0, 1.0) for number in range(MOST_ROWS + 7)]
    section = describe_relations(many, settled=False)
    assert section is not None
    assert (len(section.rows), section.not_shown) == (MOST_ROWS, 7)
