"""Inputs for the laws of devices."""

from hypothesis import strategies as st

from nnxspec.harness.binding import bind
from nnxspec.spec.laws.transformation import device

from ..strategies import PLAIN, graphs, partitions

test_device_agree = bind(
    device.agree, make=graphs(*PLAIN, "abstract"), filters=partitions(), seed=st.integers(0, 2**31 - 1), scale=0.4
)
