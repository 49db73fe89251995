"""Programs that take turns, besides whole networks.

layer_times   every layer of a network, forward and backward
ceilings      a large matrix product and a large copy: what the machine can do
engines       chains of operations on four numbers, in three engines and by hand
gradchecks    gradient checks
loading       training steps that have to wait for their batches
"""
