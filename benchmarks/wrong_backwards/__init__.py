"""How well does a gradient checker do on programs whose authors had not seen it? Scores any one.

    python -m benchmarks.wrong_backwards --checker minin --set a
    python -m benchmarks.wrong_backwards --checker my_module:my_check --json mine.json
    python -m benchmarks.wrong_backwards --read mine.json --pairs pairs.md
    python -m benchmarks.wrong_backwards --read mine.json --labels judge1.jsonl judge2.jsonl

Read README.md here first. In this order: `programs` (what is checked), `answer` (what a checker
says), `checkers` and `peers` (who is asked), `score`, `judging` (the cause, read by people).
"""
