"""S25: foreign USD cannot reach out of its folder, nor swamp the machine."""

from pathlib import Path

import pytest
from pxr import Sdf, Usd

from blueprint.pipeline.formats.usd_confined import ForeignUsdRefused, ReadLimits, open_confined


def write(folder: Path, name: str, body: str, *, header: str = "") -> Path:
    """Write a layer."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#usda 1.0\n({header})\n{body}\n")
    return path


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ('def "a" (references = @file:///etc/passwd@) {}', "file:///etc/passwd"),
        ('def "a" (references = @/etc/hosts.usda@</x>) {}', "/etc/hosts.usda"),
        ('def "a" (payload = @https://example.org/bomb.usdc@) {}', "https://example.org/bomb.usdc"),
        ('def "a" (references = @../secret.usda@) {}', "../secret.usda"),
        ('def "a" {\nasset inputs:file = @../../texture.png@\n}', "../../texture.png"),
        ('def "a" {\nasset[] files = [@./missing.png@, @/etc/x.png@]\n}', "/etc/x.png"),
        ('def "a" {\nasset inputs:file.timeSamples = {\n0: @//host/share/x.png@,\n}\n}', "//host/share/x.png"),
        ('def "a" ( customData = { asset inner = @/etc/shadow@ } ) {}', "/etc/shadow"),
        ('def "a" (clips = { dictionary default = { asset[] assetPaths = [@/etc/clip.usd@] } }) {}', "/etc/clip.usd"),
        ('def "a" (references = @package.usdz[inner.usda]@) {}', "package.usdz"),
        (
            'def "a" (variantSets = "s"\nvariants = {\nstring s = "x"\n}) {\nvariantSet "s" = {\n"x" {\ndef "b" '
            "(references = @/hidden/in/variant.usda@) {}\n}\n}\n}",
            "/hidden/in/variant.usda",
        ),
    ],
)
def test_what_leads_outside_is_refused_by_name(tmp_path: Path, body: str, named: str) -> None:
    (tmp_path / "secret.usda").write_text("#usda 1.0\n")
    root = write(tmp_path / "scan", "root.usda", body)
    with pytest.raises(ForeignUsdRefused) as caught:
        open_confined(root, tmp_path / "scan")
    assert named in str(caught.value)
    assert "inside its own folder" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_sublayers_and_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.usda").write_text("#usda 1.0\n")
    folder = tmp_path / "scan"
    root = write(folder, "root.usda", "", header="subLayers = [@./inner.usda@]")
    (folder / "inner.usda").symlink_to(tmp_path / "outside.usda")
    with pytest.raises(ForeignUsdRefused, match=r"'./inner\.usda' leads outside the folder"):
        open_confined(root, folder)


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    write(tmp_path, "inner.usda", 'def "b" (references = @/two.usda@) {}')
    root = write(tmp_path, "root.usda", 'def "a" (references = [@/one.usda@, @./inner.usda@</b>]) {}')
    with pytest.raises(ForeignUsdRefused) as caught:
        open_confined(root, tmp_path)
    assert [fault.split(":")[0] for fault in caught.value.faults] == ["root.usda", "inner.usda"]


def test_a_layer_that_references_itself_ends(tmp_path: Path) -> None:
    root = write(tmp_path, "root.usda", 'def "a" (references = @./root.usda@</b>) {}\ndef "b" {}')
    assert isinstance(open_confined(root, tmp_path), Usd.Stage)


def test_chains_of_layers_are_bounded(tmp_path: Path) -> None:
    for index in range(30):
        write(tmp_path, f"l{index}.usda", "", header=f"subLayers = [@./l{index + 1}.usda@]")
    write(tmp_path, "l30.usda", "")
    with pytest.raises(ForeignUsdRefused, match="more than 20 layers"):
        open_confined(tmp_path / "l0.usda", tmp_path, ReadLimits(layers=20))


def test_bombs_of_prims_and_bytes_are_bounded(tmp_path: Path) -> None:
    layer = Sdf.Layer.CreateNew(str(tmp_path / "many.usdc"))
    for index in range(500):
        Sdf.CreatePrimInLayer(layer, f"/a{index}")
    layer.Save()
    del layer
    with pytest.raises(ForeignUsdRefused, match="more prims and properties"):
        open_confined(tmp_path / "many.usdc", tmp_path, ReadLimits(specs=100))
    with pytest.raises(ForeignUsdRefused, match="or 10 bytes"):
        open_confined(tmp_path / "many.usdc", tmp_path, ReadLimits(bytes=10))


def test_names_that_are_no_file_names_are_refused(tmp_path: Path) -> None:
    root = write(tmp_path, "root.usda", f'def "a" (references = @./{"x" * 5000}.usda@) {{}}')
    with pytest.raises(ForeignUsdRefused, match="is no file name"):
        open_confined(root, tmp_path)


def test_references_that_multiply_are_refused_before_they_are_followed(tmp_path: Path) -> None:
    """Thirty prims that each hold the next one twice are a thousand million prims."""
    doubling = [
        f'def Xform "p{level}" {{\ndef "x" (references = </p{level + 1}>) {{}}\n'
        f'def "y" (payload = @./other.usda@</p{level + 1}>) {{}}\n}}'
        for level in range(30)
    ]
    body = "\n".join([*doubling, 'def Mesh "p30" {}'])
    write(tmp_path, "other.usda", body)
    with pytest.raises(ForeignUsdRefused, match=r"up to \d{10,} prims when its references are followed"):
        open_confined(write(tmp_path, "scene.usda", body), tmp_path)
    few = "\n".join([*doubling[-3:], 'def Mesh "p30" {}'])
    write(tmp_path, "other.usda", few)
    assert isinstance(open_confined(write(tmp_path, "scene.usda", few), tmp_path), Usd.Stage)


def test_arcs_that_nest_without_end_are_refused(tmp_path: Path) -> None:
    chain = "\n".join(f'def "p{level}" (inherits = </p{level + 1}>) {{}}' for level in range(20_000))
    with pytest.raises(ForeignUsdRefused, match="nest deeper than the limit allows"):
        open_confined(write(tmp_path, "scene.usda", chain), tmp_path)
