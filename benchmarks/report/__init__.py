"""From results to a page: words, tables, claims and pictures, all made from the JSON alone.

head.txt    the first words of the page; sections.toml has those of each section
words       numbers as they are read: 12.3 ms, 412 MB, 0.92
markdown    tables, and claims that name the file they are from
sections    a section for every question
comparison  libraries beside each other, at whole networks
alone       minin by itself: layers, threads, batches, engine, checks, loader
pictures    the same as pictures
"""
