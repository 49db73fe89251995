"""How things are measured here, whatever the question.

errors      what can go wrong, in words
options     the command line that all questions share
peers       one process for each program that is measured
child       what runs in that process
programs    what a program has to offer to be measured
memory      the memory of this process, and its most
meter       what other processes do meanwhile
rounds      who takes a turn when, and which rounds count
summary     medians, quartiles and ratios; none of them from fewer than five rounds
machine     what was measured on
source      what was measured: versions and commit
record      results, written to a file
question    all of it together
"""
