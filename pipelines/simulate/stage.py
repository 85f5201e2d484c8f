"""Draws models with Panda3D's software renderer: the picture, and which thing each pixel shows.

No screen or graphics driver is needed. Needs the extra `simulate`; panda3d is imported inside functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import MissingExtra
from pipelines.simulate.mesh import Colour, Floats, Mesh
from pipelines.simulate.model import Model, Picture

_PICTURE_MASK, _IDENTITY_MASK = 1, 2


@dataclass(frozen=True, slots=True)
class Pose:
    """Camera: metres, radians; `heading` counterclockwise from +y, `pitch` up; `fov` horizontal, degrees."""

    x: float
    y: float
    z: float
    heading: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    fov: float = 75.0


@dataclass(eq=False, slots=True)
class Actor:
    """A model placed on the stage. `ids`: identity colour number of each label it carries. `node` is moved, `parts`
    hang below it.
    """

    node: Any
    parts: Any
    model: Model
    ids: dict[str, int]


def _pipe() -> Any:
    try:
        from panda3d.core import GraphicsPipeSelection, loadPrcFileData
    except ImportError as error:
        raise MissingExtra("rendering needs Panda3D", advice="install street-patrol[simulate]") from error
    settings = ("load-display p3tinydisplay", "audio-library-name null", "notify-level fatal", "textures-power-2 none")
    loadPrcFileData("", "\n".join(settings))
    chosen = GraphicsPipeSelection.getGlobalPtr()
    return chosen.makeModulePipe("p3tinydisplay") or chosen.makeDefaultPipe()


def _geom_node(mesh: Mesh, name: str, *, lit: bool = True) -> Any:
    from panda3d.core import (
        Geom,
        GeomEnums,
        GeomNode,
        GeomTriangles,
        GeomVertexArrayFormat,
        GeomVertexData,
        GeomVertexFormat,
        InternalName,
    )

    layout = GeomVertexArrayFormat()
    layout.addColumn(InternalName.getVertex(), 3, Geom.NTFloat32, Geom.CPoint)
    layout.addColumn(InternalName.getNormal(), 3, Geom.NTFloat32, Geom.CNormal)
    layout.addColumn(InternalName.getColor(), 4, Geom.NTFloat32, Geom.CColor)
    layout.addColumn(InternalName.getTexcoord(), 2, Geom.NTFloat32, Geom.CTexcoord)
    shape = GeomVertexFormat()
    shape.addArray(layout)
    count = len(mesh.vertices)
    data = GeomVertexData(name, GeomVertexFormat.registerFormat(shape), Geom.UHStatic)
    data.uncleanSetNumRows(count)
    alpha = np.ones((count, 1))
    colours = np.sqrt(np.clip(mesh.colours, 0, 1)) if lit else mesh.colours  # the renderer applies a lit colour twice
    rows = np.hstack([mesh.vertices, mesh.normals, colours, alpha, mesh.uv]).astype(np.float32)
    memoryview(data.modifyArray(0)).cast("B")[:] = rows.tobytes()
    triangles = GeomTriangles(Geom.UHStatic)
    triangles.setIndexType(GeomEnums.NTUint32)
    indices = triangles.modifyVertices()
    indices.uncleanSetNumRows(mesh.faces.size)
    memoryview(indices).cast("B")[:] = np.ascontiguousarray(mesh.faces, np.uint32).tobytes()
    geom = Geom(data)
    geom.addPrimitive(triangles)
    node = GeomNode(name)
    node.addGeom(geom)
    return node


class Stage:
    """One scene and one camera. Identity 0 is everything that is not labelled.

    Cheap to move the camera and things about; `clear` empties it for another scene.
    """

    def __init__(self, width: int, height: int) -> None:
        from panda3d.core import (
            BitMask32,
            Camera,
            FrameBufferProperties,
            GraphicsEngine,
            GraphicsOutput,
            GraphicsPipe,
            NodePath,
            PerspectiveLens,
            Texture,
            WindowProperties,
        )

        pipe = _pipe()
        self.width, self.height = width, height
        self._engine = GraphicsEngine(pipe)
        size = WindowProperties.size(width, height)
        properties = FrameBufferProperties()
        properties.setRgbColor(True)
        properties.setRgbaBits(8, 8, 8, 0)
        properties.setDepthBits(24)
        self._buffer = self._engine.makeOutput(pipe, "street", 0, properties, size, GraphicsPipe.BFRefuseWindow)
        self._pixels = Texture()
        self._buffer.addRenderTexture(self._pixels, GraphicsOutput.RTMCopyRam)
        self._root = NodePath("root")
        self._root.setTwoSided(True)
        self._lens = PerspectiveLens()
        self._lens.setNearFar(0.3, 900)
        self._eye = self._root.attachNewNode(Camera("eye", self._lens))
        self._eye.node().setTagStateKey("identity")
        self._region = self._buffer.makeDisplayRegion()
        self._region.setCamera(self._eye)
        self._masks = (BitMask32(_PICTURE_MASK), BitMask32(_IDENTITY_MASK))
        self._textures: dict[int, tuple[Picture, Any]] = {}
        self._things = self._root.attachNewNode("things")
        self._next = 1
        self._sun: Any = None
        self.light((0.6, 0.6, 0.62), (0.7, 0.68, 0.62), (0.5, 0.6, 0.9))

    def light(self, ambient: Colour, sun: Colour, direction: Colour) -> None:
        """`direction` points from the ground to the sun."""
        from panda3d.core import AmbientLight, DirectionalLight, Vec3, Vec4

        self._root.clearLight()
        if self._sun is not None:
            for old in self._sun:
                old.removeNode()
        sky, beam = AmbientLight("sky"), DirectionalLight("sun")
        sky.setColor(Vec4(*ambient, 1))
        beam.setColor(Vec4(*sun, 1))
        beam.setDirection(Vec3(*[-part for part in direction]))
        self._sun = (self._root.attachNewNode(sky), self._root.attachNewNode(beam))
        for lamp in self._sun:
            self._root.setLight(lamp)

    def clear(self) -> None:
        self._things.removeNode()
        self._things = self._root.attachNewNode("things")
        self._textures.clear()
        self._eye.node().clearTagStates()
        self._next = 1

    def add(self, model: Model, drawn_to: float | None = None) -> Actor:
        """Puts a model on the stage, at the origin; each of its labels gets an identity. `drawn_to`: metres from the
        camera beyond which it is not drawn; None: always.
        """
        from panda3d.core import LODNode

        anchor = self._things.attachNewNode("model" if drawn_to is None else LODNode("model"))
        if drawn_to is not None:
            anchor.node().addSwitch(drawn_to, 0.0)
        node = anchor.attachNewNode("parts")
        ids: dict[str, int] = {}
        for part in model.parts:
            child = node.attachNewNode(_geom_node(part.mesh, part.label or "street", lit=not part.glow))
            if part.texture is not None:
                child.setTexture(self._texture(part.texture))
            if part.glow:
                child.setLightOff()
            if part.label is not None:
                if part.label not in ids:
                    ids[part.label] = self._new_identity()
                child.setTag("identity", str(ids[part.label]))
        return Actor(anchor, node, model, ids)

    def place(self, actor: Actor, x: float, y: float, heading: float = 0.0, z: float = 0.0) -> None:
        actor.node.setPosHpr(x, y, z, np.degrees(heading), 0, 0)

    def show(self, actor: Actor, visible: bool) -> None:
        if visible:
            actor.node.show()
        else:
            actor.node.hide()

    def add_ground(self, mesh: Mesh, order: int, texture: Picture | None = None, alpha: Picture | None = None) -> Any:
        """Something painted on the ground: drawn in `order`, below everything that stands; `alpha` (H, W) 0..255."""
        return self._painted(self._things, mesh, order, texture, alpha)

    def add_shadow(self, actor: Actor, mesh: Mesh, texture: Picture, alpha: Picture) -> None:
        """Lies on the ground below an actor and moves with it."""
        self._painted(actor.parts, mesh, 6, texture, alpha)

    def _painted(self, parent: Any, mesh: Mesh, order: int, texture: Picture | None, alpha: Picture | None) -> Any:
        from panda3d.core import BitMask32, TransparencyAttrib

        child = parent.attachNewNode(_geom_node(mesh, "ground"))
        if texture is not None:
            child.setTexture(self._texture(texture, alpha))
        if alpha is not None:
            child.setTransparency(TransparencyAttrib.MAlpha)
            child.hide(BitMask32(_IDENTITY_MASK))
        child.setBin("background", order)
        child.setDepthWrite(False)
        child.setDepthTest(False)
        return child

    def add_sky(self, picture: Picture) -> None:
        """A far dome around the scene's middle."""
        from pipelines.simulate.mesh import grid

        turn, rise = np.meshgrid(np.linspace(0, 2 * np.pi, 33), np.radians(np.linspace(-12, 80, 12)))
        unit = np.stack([np.cos(rise) * np.sin(turn), np.cos(rise) * np.cos(turn), np.sin(rise)], -1)
        child = self.add_ground(grid(unit * 700, (1, 1, 1)), -10, picture)
        child.setLightOff()

    def look(self, pose: Pose) -> None:
        self._lens.setFov(pose.fov)
        self._lens.setAspectRatio(self.width / self.height)
        self._eye.setPosHpr(pose.x, pose.y, pose.z, *np.degrees([pose.heading, pose.pitch, pose.roll]))

    def picture(self) -> Picture:
        """(H, W, 3) RGB as the camera sees it."""
        from panda3d.core import RenderState

        node = self._eye.node()
        node.setInitialState(RenderState.makeEmpty())
        node.setTagStateKey("")
        node.setCameraMask(self._masks[0])
        return self._draw()

    def identities(self) -> NDArray[np.int32]:
        """(H, W) identity of what each pixel shows."""
        node = self._eye.node()
        node.setInitialState(_flat_state(0))
        node.setTagStateKey("identity")
        node.setCameraMask(self._masks[1])
        shown = self._draw().astype(np.int32)
        return (shown[..., 0] + 8) // 16 + (shown[..., 1] + 8) // 16 * 16 + (shown[..., 2] + 8) // 16 * 256

    def project(self, points: Floats, pose: Pose) -> Floats:
        return project(points, pose, self.width, self.height)

    def _draw(self) -> Picture:
        self._engine.renderFrame()
        raw = np.frombuffer(self._pixels.getRamImageAs("RGB"), np.uint8)
        return np.ascontiguousarray(raw.reshape(self.height, self.width, 3)[::-1])

    def _new_identity(self) -> int:
        number = self._next
        self._next += 1
        self._eye.node().setTagState(str(number), _flat_state(number))
        return number

    def _texture(self, picture: Picture, alpha: Picture | None = None) -> Any:
        from panda3d.core import SamplerState, Texture

        known = self._textures.get(id(picture))
        if known is not None:
            return known[1]
        texture = Texture()
        height, width = picture.shape[:2]
        if alpha is None:
            texture.setup2dTexture(width, height, Texture.TUnsignedByte, Texture.FRgb)
            texture.setRamImage(np.ascontiguousarray(picture[::-1, :, ::-1]).tobytes())
        else:
            texture.setup2dTexture(width, height, Texture.TUnsignedByte, Texture.FRgba)
            four = np.dstack([picture[::-1, :, ::-1], alpha[::-1]])
            texture.setRamImage(np.ascontiguousarray(four).tobytes())
        texture.setMinfilter(SamplerState.FTLinearMipmapLinear)
        texture.setMagfilter(SamplerState.FTLinear)
        self._textures[id(picture)] = (picture, texture)
        return texture


def project(points: Floats, pose: Pose, width: int, height: int) -> Floats:
    """(N, 3) street points to (N, 3): x, y in pixels and depth in metres (in front of the camera if > 0)."""
    moved = np.asarray(points, float) - [pose.x, pose.y, pose.z]
    c, s = np.cos(-pose.heading), np.sin(-pose.heading)
    x, y = c * moved[:, 0] - s * moved[:, 1], s * moved[:, 0] + c * moved[:, 1]
    c, s = np.cos(-pose.pitch), np.sin(-pose.pitch)
    depth, up = c * y - s * moved[:, 2], s * y + c * moved[:, 2]
    c, s = np.cos(pose.roll), np.sin(pose.roll)
    x, up = c * x - s * up, s * x + c * up
    focal = width / 2 / np.tan(np.radians(pose.fov) / 2)
    safe = np.maximum(depth, 0.05)
    return np.stack([width / 2 + focal * x / safe, height / 2 - focal * up / safe, depth], 1)


def _flat_state(identity: int) -> Any:
    """Overrides every look by one colour that spells the identity, 16 steps a channel."""
    from panda3d.core import ColorAttrib, LightAttrib, RenderState, TextureAttrib, TransparencyAttrib, Vec4

    digits = (identity % 16, identity // 16 % 16, identity // 256)
    colour = Vec4(*[digit * 16 / 255 for digit in digits], 1)
    return RenderState.make(
        ColorAttrib.makeFlat(colour), LightAttrib.makeAllOff(), TextureAttrib.makeOff(), TransparencyAttrib.make(0)
    ).adjustAllPriorities(1000)


def resize(picture: Picture, width: int, height: int) -> Picture:
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
