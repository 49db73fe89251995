"""The same networks, once in each library that is compared.

rows      a network as plain rows, and the job that every peer is given
program   what takes turns: one training step, or one pass without gradients
agree     shows that all peers compute the same network, before anything is measured
parts     who takes part, and how to say so on the command line
*_net     a network of those rows, written as that library's users would
"""
