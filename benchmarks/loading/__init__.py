"""What benchmarks/load.py is made of.

candidate   somebody who takes interviews in a browser, as static/js does it
traffic     every request: how long it took and what became of it
ledger      what was sent and what was confirmed, held against what the database has
faults      the parts that can be killed, and how long Greenroom takes to be well again
machine     how much of the processors each part takes
greenroom   the product under load, its people and its database
tables      what is printed
"""
