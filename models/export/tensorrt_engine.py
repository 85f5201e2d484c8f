"""A TensorRT engine of the street network, built on and for the NVIDIA GPU at hand. Needs the extra `tensorrt`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from models.errors import BadUse, MissingExtra, WeightsError
from models.export.onnx_graph import INPUT, export_onnx

ENGINE_NAME: Final = "street.engine"
# (1, height, width, 3): smallest, usual and largest picture.
SHAPES: Final = ((1, 64, 64, 3), (1, 384, 640, 3), (1, 1920, 1920, 3))


def export_engine(checkpoint: Path, target: Path) -> None:
    """Write an engine with the input and output of `export_onnx`, for pictures from 64 to 1920 pixels a side.

    Convolutions are float16, coordinates float32. The file fits this GPU and this version of TensorRT only: it is
    built where it runs, and no release lists it.

    Raises:
        MissingExtra: tensorrt or onnx is not installed.
        BadUse: there is no GPU to build for.
        WeightsError: TensorRT does not take the graph.
    """
    try:
        import tensorrt
    except ImportError as error:
        advice = "pip install 'street-patrol[tensorrt]' on the machine with the NVIDIA GPU"
        raise MissingExtra("a TensorRT engine needs tensorrt", advice=advice) from error
    import torch

    if not torch.cuda.is_available():
        raise BadUse("no NVIDIA GPU to build an engine for", advice="build it on the machine that will run it")
    graph = target.with_suffix(".half.onnx")
    export_onnx(checkpoint, graph, half=True)
    try:
        engine = _build(tensorrt, graph)
    finally:
        graph.unlink(missing_ok=True)
    partial = target.with_suffix(".partial")
    partial.write_bytes(engine)
    partial.replace(target)


def _build(tensorrt: Any, graph: Path) -> bytes:
    logger = tensorrt.Logger(tensorrt.Logger.WARNING)
    builder = tensorrt.Builder(logger)
    # Types are taken from the graph: the rule from TensorRT 11 on, a flag before.
    network = builder.create_network(1 << int(tensorrt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = tensorrt.OnnxParser(network, logger)
    if not parser.parse(graph.read_bytes()):
        raise WeightsError(f"TensorRT does not take the graph: {parser.get_error(0)}")
    config, profile = builder.create_builder_config(), builder.create_optimization_profile()
    profile.set_shape(INPUT, *SHAPES)
    config.add_optimization_profile(profile)
    engine = builder.build_serialized_network(network, config)
    if engine is None:
        raise WeightsError("TensorRT could not build an engine", advice="its log above says why")
    return bytes(engine)
